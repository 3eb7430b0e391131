package dev.parley.transport;

import java.util.concurrent.TimeUnit;

/**
 * Whether a busy loop rests between its passes, as a network card moderates its interrupts.
 * Confined to its event loop.
 *
 * <p>Many clients that each send now and then wake the loop for every message, and half of what a
 * message costs is the waking, of the loop and of the receiver. A loop that rests for a moment
 * finds several waiting instead. It does so only while many connections are served in small passes:
 * a lone client, a load that fills its passes by itself, or a storm of new connections is never
 * kept waiting.
 */
final class Pacing {
  private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(16);

  // Above what decides to rest and below what ends it lies a gap, so that it does not flutter.
  private static final int BUSY_PASSES = 48;
  private static final int BUSY_CONNECTIONS = 32;
  private static final int SMALL_PASS = 4;
  private static final int CALM_PASSES = 8;
  private static final int CALM_CONNECTIONS = 24;
  private static final int LARGE_PASS = 24;
  private static final int STORM = 4; // new connections

  private final long restNanos;
  private int window = 1;
  private long windowStart; // System.nanoTime()
  private int passes;
  private int flushes;
  private int connections;
  private int opened;
  private boolean resting;

  /**
   * @param restNanos how long a rest is; 0 for never
   */
  Pacing(long restNanos) {
    this.restNanos = restNanos;
  }

  /**
   * Counts a connection that the pass flushes.
   *
   * @param lastCounted what this returned for it the last time, at first 0
   */
  int count(int lastCounted) {
    flushes++;
    if (lastCounted != window) {
      connections++;
    }
    return window;
  }

  /** Counts a connection that is new. */
  void countOpened() {
    opened++;
  }

  /** After a pass: how long to rest, in nanoseconds. */
  long endPass(long nowNanos) {
    passes++;
    long open = nowNanos - windowStart;
    if (open >= WINDOW_NANOS) {
      resting = open < 2 * WINDOW_NANOS && (resting ? !isCalm() : isBusy());
      windowStart = nowNanos;
      window++;
      passes = 0;
      flushes = 0;
      connections = 0;
      opened = 0;
    }
    return resting ? restNanos : 0;
  }

  private boolean isBusy() {
    return passes >= BUSY_PASSES
        && opened < STORM
        && connections >= BUSY_CONNECTIONS
        && flushes < SMALL_PASS * passes;
  }

  private boolean isCalm() {
    return passes < CALM_PASSES
        || opened >= STORM
        || connections < CALM_CONNECTIONS
        || flushes > LARGE_PASS * passes;
  }
}
