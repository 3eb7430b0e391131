package dev.parley.transport;

import java.util.concurrent.atomic.AtomicLong;

/** Bounds what the request bodies of all connections take together. Any thread. */
final class BodyBudget {
  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  BodyBudget(long limit) {
    this.limit = limit;
  }

  /** True when {@code bytes} more fit in, which {@link #release} gives back. */
  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= limit) {
      return true;
    }
    release(bytes);
    return false;
  }

  void release(long bytes) {
    taken.addAndGet(-bytes);
  }

  long taken() {
    return taken.get();
  }
}
