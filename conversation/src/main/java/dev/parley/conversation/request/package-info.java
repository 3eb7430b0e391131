/**
 * What clients ask of conversations, in JSON: who asks and may, what the fields of a request mean,
 * what it is answered. The same for every wire of ours; how it comes and goes is the wire's.
 */
@NullMarked
package dev.parley.conversation.request;

import org.jspecify.annotations.NullMarked;
