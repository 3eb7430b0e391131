/**
 * Conversations and their replies at work: an event loop owns each conversation, decides what is
 * asked of it, has its replies generated and writes what they show to their streams.
 */
@NullMarked
package dev.parley.conversation.run;

import org.jspecify.annotations.NullMarked;
