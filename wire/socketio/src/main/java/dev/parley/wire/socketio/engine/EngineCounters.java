package dev.parley.wire.socketio.engine;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts sessions. Safe on any thread. */
final class EngineCounters {
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder webSockets = new LongAdder();
  private final LongAdder opened = new LongAdder();
  private final LongAdder upgraded = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final Map<CloseReason, LongAdder> closed = new EnumMap<>(CloseReason.class);

  EngineCounters() {
    for (CloseReason reason : CloseReason.values()) {
      closed.put(reason, new LongAdder());
    }
  }

  /** Takes a place for one more session, if there is any. */
  boolean admit(int most) {
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Gives the place back. */
  void leave() {
    open.decrementAndGet();
  }

  void onOpen(boolean overWebSocket) {
    opened.increment();
    if (overWebSocket) {
      webSockets.increment();
    }
  }

  void onUpgrade() {
    upgraded.increment();
    webSockets.increment();
  }

  void onRefused() {
    refused.increment();
  }

  void onClose(CloseReason reason, boolean overWebSocket) {
    leave();
    LongAdder count = closed.get(reason);
    if (count != null) { // as it is for all of them
      count.increment();
    }
    if (overWebSocket) {
      webSockets.decrement();
    }
  }

  int open() {
    return open.get();
  }

  EngineStats stats() {
    Map<CloseReason, Long> byReason = new EnumMap<>(CloseReason.class);
    closed.forEach((reason, count) -> byReason.put(reason, count.sum()));
    return new EngineStats(
        open.get(), webSockets.sum(), opened.sum(), upgraded.sum(), refused.sum(), byReason);
  }
}
