package dev.parley.wire.durable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Numbers intervals of time, so that clients of a cache that wait for the same data ask the same
 * question, and never the same one for ever (Durable Streams §10.1). Any thread.
 */
final class Cursors {
  static final long INTERVAL_MILLIS = 20_000;
  private static final long ORIGIN = Instant.parse("2024-10-09T00:00:00Z").toEpochMilli();
  private static final int MAX_JITTER_SECONDS = 3_600;

  /** Beyond this a client's cursor is none of ours. */
  private static final long MAX = 1L << 53;

  private final InstantSource clock;
  private final AtomicLong highest = new AtomicLong();

  Cursors(InstantSource clock) {
    this.clock = clock;
  }

  /** The current interval; never less than before, even when the clock jumps back. */
  long current() {
    long interval = Math.max(0, (clock.millis() - ORIGIN) / INTERVAL_MILLIS);
    long seen = highest.get();
    return interval <= seen ? seen : highest.accumulateAndGet(interval, Math::max);
  }

  /** The cursor to answer a client with that sent {@code theirs}; -1 for none. */
  long answer(long theirs) {
    long current = current();
    if (theirs < current) {
      return current;
    }
    long jitterMillis = ThreadLocalRandom.current().nextLong(1, MAX_JITTER_SECONDS + 1L) * 1_000;
    return theirs + Math.max(1, jitterMillis / INTERVAL_MILLIS);
  }

  /** A client's cursor, or -1: an unknown one is no error, since cursors are opaque. */
  static long parse(@Nullable String text) {
    if (text == null || text.isEmpty() || text.length() > 16) {
      return -1;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return -1;
      }
    }
    long value = Long.parseLong(text);
    return value > MAX ? -1 : value;
  }
}
