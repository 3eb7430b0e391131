package dev.parley.conversation.run;

import java.time.Duration;

/**
 * How replies are generated.
 *
 * @param join longest that pieces of a reply are held back to be written together under load
 * @param overloadJoin the same when the store or the processors lag behind
 * @param maxReplyBytes most that a reply says in one turn, in UTF-8
 * @param lease how long nobody else may take up a run whose owner is silent
 * @param idle how long a conversation stays in memory that nobody uses
 * @param keep how long the stream of a run can be read after its end
 */
public record RunConfig(
    Duration join,
    Duration overloadJoin,
    int maxReplyBytes,
    Duration lease,
    Duration idle,
    Duration keep) {
  private static final int LARGEST_REPLY = 1 << 20; // an event has to hold it, escaped

  public static final RunConfig DEFAULT =
      new RunConfig(
          Duration.ofMillis(40),
          Duration.ofMillis(100),
          1 << 20,
          Duration.ofMinutes(10),
          Duration.ofMinutes(1),
          Duration.ofHours(1));

  public RunConfig {
    require("join", join, Duration.ZERO, Duration.ofMillis(100));
    require("overload-join", overloadJoin, join, Duration.ofSeconds(1));
    require("lease", lease, Duration.ofSeconds(1), Duration.ofDays(1));
    require("idle", idle, Duration.ofMillis(1), Duration.ofDays(1));
    require("keep", keep, Duration.ofSeconds(1), Duration.ofDays(365));
    if (maxReplyBytes < 1024 || maxReplyBytes > LARGEST_REPLY) {
      throw new IllegalArgumentException(
          "runs.max-reply-bytes: " + maxReplyBytes + " (expected: 1024 to " + LARGEST_REPLY + ")");
    }
  }

  private static void require(String key, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          "runs." + key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }
}
