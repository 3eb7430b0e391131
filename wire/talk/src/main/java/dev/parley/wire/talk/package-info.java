/** Conversations over Socket.IO: commands as events with answers, and what follows from them. */
@NullMarked
package dev.parley.wire.talk;

import org.jspecify.annotations.NullMarked;
