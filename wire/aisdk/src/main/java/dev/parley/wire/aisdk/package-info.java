/** Conversations over the UI message stream protocol of the AI SDK. */
@NullMarked
package dev.parley.wire.aisdk;

import org.jspecify.annotations.NullMarked;
