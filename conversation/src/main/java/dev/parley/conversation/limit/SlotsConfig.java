package dev.parley.conversation.limit;

import java.time.Duration;

/**
 * How many replies a provider gives at once.
 *
 * @param running at once, of everybody
 * @param runningPerUser at once, of one
 * @param waiting at once, of everybody: one more is refused
 * @param waitingPerUser at once, of one: so that one alone does not fill the queue
 * @param tellEvery the least time between two reports of places in the queue
 */
public record SlotsConfig(
    int running, int runningPerUser, int waiting, int waitingPerUser, Duration tellEvery) {
  public static final SlotsConfig DEFAULT =
      new SlotsConfig(1_000, 16, 4_096, 64, Duration.ofMillis(250));

  public SlotsConfig {
    require("running", running, 1);
    require("running-per-user", runningPerUser, 1);
    require("waiting", waiting, 0);
    require("waiting-per-user", waitingPerUser, 0);
    if (tellEvery.isNegative() || tellEvery.isZero()) {
      throw new IllegalArgumentException(
          "provider.limit.tell-every: " + tellEvery + " (expected: over 0 s)");
    }
  }

  private static void require(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "provider.limit." + key + ": " + value + " (expected: >= " + least + ")");
    }
  }
}
