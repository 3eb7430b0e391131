package dev.parley.wire.socketio.engine;

import org.jspecify.annotations.Nullable;

/**
 * What waits for its time, the earliest first. Confined to one loop. Those who all wait equally
 * long come in order, so adding costs nothing; who is early for its place walks there from the end.
 */
final class DueList {
  private @Nullable Due first;
  private @Nullable Due last;

  void add(Due due, long nanos) {
    due.list = this;
    due.dueNanos = nanos;
    Due before = last;
    while (before != null && before.dueNanos - nanos > 0) {
      before = before.previous;
    }
    Due after = before == null ? first : before.next;
    due.previous = before;
    due.next = after;
    if (before == null) {
      first = due;
    } else {
      before.next = due;
    }
    if (after == null) {
      last = due;
    } else {
      after.previous = due;
    }
  }

  void remove(Due due) {
    if (due.previous == null) {
      first = due.next;
    } else {
      due.previous.next = due.next;
    }
    if (due.next == null) {
      last = due.previous;
    } else {
      due.next.previous = due.previous;
    }
    due.list = null;
    due.previous = null;
    due.next = null;
  }

  /** The first when its time has come; it stays in the list. */
  @Nullable Due due(long nowNanos) {
    Due due = first;
    return due != null && due.dueNanos - nowNanos <= 0 ? due : null;
  }
}
