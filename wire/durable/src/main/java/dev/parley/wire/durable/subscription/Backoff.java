package dev.parley.wire.durable.subscription;

/** How long to wait after a failed delivery: 1 s doubling to 60 s, 20 % jitter (§7.1). */
final class Backoff {
  private static final long FIRST_MILLIS = 1_000;
  private static final long MOST_MILLIS = 60_000;
  static final long MOST_WITH_JITTER_MILLIS = 72_000;

  private Backoff() {}

  /**
   * The pause before the next attempt.
   *
   * @param attempts failed in a row, at least 1
   * @param random in [0, 1)
   */
  static long delayMillis(int attempts, double random) {
    long base = Math.min(MOST_MILLIS, FIRST_MILLIS << Math.min(attempts - 1, 16));
    return Math.round(base * (0.8 + 0.4 * random));
  }
}
