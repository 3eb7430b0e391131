package dev.parley.provider.scripted;

import java.time.Duration;

/**
 * How fast a scripted reply speaks.
 *
 * @param firstToken the pause before it begins
 * @param tokensPerSecond from then on, a piece being one; infinite for all of it at once
 */
public record Pace(Duration firstToken, double tokensPerSecond) {
  /** That of a model one likes to read along with. */
  public static final Pace DEFAULT = new Pace(Duration.ofMillis(200), 30);

  public static final Pace AT_ONCE = new Pace(Duration.ZERO, Double.POSITIVE_INFINITY);

  public Pace {
    if (firstToken.isNegative() || firstToken.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "scripted.first-token: " + firstToken + " (expected: 0 s to 1 h)");
    }
    if (!(tokensPerSecond >= 0.001)) {
      throw new IllegalArgumentException(
          "scripted.tokens-per-second: " + tokensPerSecond + " (expected: >= 0.001)");
    }
  }

  /** When a piece is due, from the start of the reply on. */
  long dueNanos(int piece) {
    return firstToken.toNanos() + (long) (piece * (1e9 / tokensPerSecond));
  }
}
