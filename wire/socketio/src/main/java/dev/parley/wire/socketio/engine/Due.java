package dev.parley.wire.socketio.engine;

import org.jspecify.annotations.Nullable;

/** Something that waits for its time in a {@link DueList}. Confined to the list's loop. */
abstract class Due {
  @Nullable DueList list;
  @Nullable Due previous;
  @Nullable Due next;
  long dueNanos;
}
