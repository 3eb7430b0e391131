/**
 * Conversations and runs as REST: commands in JSON, what follows from them as server-sent events.
 */
@NullMarked
package dev.parley.wire.rest;

import org.jspecify.annotations.NullMarked;
