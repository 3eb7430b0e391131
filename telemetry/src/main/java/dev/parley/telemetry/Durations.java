package dev.parley.telemetry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * How long something takes that may take a minute, by the bounds a scraper sees. Any thread may
 * write, without a lock; who looks meanwhile may see a duration in its sum before its count.
 */
public final class Durations {
  static final long[] BOUNDS_NANOS = {
    1_000_000L,
    2_500_000L,
    5_000_000L,
    10_000_000L,
    25_000_000L,
    50_000_000L,
    100_000_000L,
    250_000_000L,
    500_000_000L,
    1_000_000_000L,
    2_500_000_000L,
    5_000_000_000L,
    10_000_000_000L,
    30_000_000_000L,
    60_000_000_000L
  };

  private final List<LongAdder> counts = new ArrayList<>(); // the last: beyond every bound
  private final LongAdder sumNanos = new LongAdder();

  Durations() {
    for (int i = 0; i <= BOUNDS_NANOS.length; i++) {
      counts.add(new LongAdder());
    }
  }

  /** One more; below 0 counts as 0. */
  public void record(long nanos) {
    long taken = Math.max(0, nanos);
    int found = Arrays.binarySearch(BOUNDS_NANOS, taken);
    sumNanos.add(taken);
    counts.get(found < 0 ? -found - 1 : found).increment();
  }

  Buckets buckets() {
    long[] upTo = new long[BOUNDS_NANOS.length];
    long count = 0;
    for (int i = 0; i < upTo.length; i++) {
      count += counts.get(i).sum();
      upTo[i] = count;
    }
    count += counts.getLast().sum();
    return new Buckets(BOUNDS_NANOS, upTo, count, sumNanos.sum() / 1e9);
  }
}
