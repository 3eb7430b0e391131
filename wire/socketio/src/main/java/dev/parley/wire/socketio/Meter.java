package dev.parley.wire.socketio;

import java.util.concurrent.atomic.AtomicLong;

/** What one user or one address has sent, on any connection. Safe on any thread. */
final class Meter {
  private final Rate rate;
  private final AtomicLong eventsFullAt;
  private final AtomicLong bytesFullAt;
  int users; // connections and sockets; guarded by the map that has it

  Meter(Rate rate, long now) {
    this.rate = rate;
    this.eventsFullAt = new AtomicLong(now);
    this.bytesFullAt = new AtomicLong(now);
  }

  Rate rate() {
    return rate;
  }

  /** How long until it lets a packet in. Two threads may both be let in by the last room. */
  long delay(int size, long now) {
    return Math.max(eventsDelay(now), rate.delay(bytesFullAt.get(), rate.byteCost(size), now));
  }

  long eventsDelay(long now) {
    return rate.delay(eventsFullAt.get(), rate.eventCost(), now);
  }

  void charge(int size, long now) {
    charge(eventsFullAt, rate.eventCost(), now);
    charge(bytesFullAt, rate.byteCost(size), now);
  }

  private static void charge(AtomicLong bucket, long cost, long now) {
    if (cost == 0) {
      return;
    }
    long before = bucket.get();
    while (!bucket.compareAndSet(before, Rate.charge(before, now, cost))) {
      before = bucket.get();
    }
  }

  /** Whether forgetting it changes nothing. */
  boolean isFull(long now) {
    return eventsFullAt.get() - now <= 0 && bytesFullAt.get() - now <= 0;
  }
}
