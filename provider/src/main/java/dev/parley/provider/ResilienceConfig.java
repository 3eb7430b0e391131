package dev.parley.provider;

import java.time.Duration;

/**
 * How hard a reply is tried for.
 *
 * @param attempts of each provider before the first token, the first included
 * @param firstPause before the second attempt; doubled for each further one, with a jitter
 * @param longestPause also the longest an upstream may ask for: beyond it the next provider is
 *     asked
 * @param continuations how often a reply that died in the middle may be continued
 * @param window how many of a provider's last replies its circuit judges
 * @param leastReplies how many there must be to judge
 * @param failurePercent of those that failed, from which on it is not asked
 * @param openFor how long
 */
public record ResilienceConfig(
    int attempts,
    Duration firstPause,
    Duration longestPause,
    int continuations,
    int window,
    int leastReplies,
    int failurePercent,
    Duration openFor) {
  public static final ResilienceConfig DEFAULT =
      new ResilienceConfig(
          3, Duration.ofMillis(250), Duration.ofSeconds(5), 2, 50, 10, 50, Duration.ofSeconds(10));

  public ResilienceConfig {
    require("attempts", attempts, 1, 100);
    require("continuations", continuations, 0, 100);
    require("window", window, 1, 10_000);
    require("least-replies", leastReplies, 1, window);
    require("failure-percent", failurePercent, 1, 100);
    require("first-pause", firstPause);
    require("longest-pause", longestPause);
    require("open-for", openFor);
  }

  private static void require(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "provider." + key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }

  private static void require(String key, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(
          "provider." + key + ": " + value + " (expected: over 0 s)");
    }
  }
}
