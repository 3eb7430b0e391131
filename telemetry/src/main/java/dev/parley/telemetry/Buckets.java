package dev.parley.telemetry;

import org.HdrHistogram.Histogram;

/** A histogram as scrapers read it. Immutable. */
final class Buckets {
  private final long[] boundsNanos;
  private final long[] upTo;
  private final long count;
  private final double sumSeconds;

  /**
   * @param upTo how many lie below each bound, those below smaller ones counted
   * @param count of all, those beyond every bound counted
   */
  Buckets(long[] boundsNanos, long[] upTo, long count, double sumSeconds) {
    this.boundsNanos = boundsNanos;
    this.upTo = upTo;
    this.count = count;
    this.sumSeconds = sumSeconds;
  }

  static Buckets of(Histogram histogram, long[] boundsNanos) {
    long[] upTo = new long[boundsNanos.length];
    long count = histogram.getTotalCount();
    if (count == 0) {
      return new Buckets(boundsNanos, upTo, 0, 0);
    }
    long below = 0;
    long from = 0;
    for (int i = 0; i < upTo.length; i++) {
      long bound = histogram.lowestEquivalentValue(boundsNanos[i]);
      below += histogram.getCountBetweenValues(from, bound - 1);
      from = bound;
      upTo[i] = below;
    }
    return new Buckets(boundsNanos, upTo, count, histogram.getMean() * count / 1e9);
  }

  int size() {
    return upTo.length;
  }

  double boundSeconds(int i) {
    return boundsNanos[i] / 1e9;
  }

  long upTo(int i) {
    return upTo[i];
  }

  long count() {
    return count;
  }

  double sumSeconds() {
    return sumSeconds;
  }
}
