package dev.parley.wire.durable;

import java.time.Duration;

/**
 * Settings of the Durable Streams wire.
 *
 * @param longPollTimeout how long a long-poll waits for news (Durable Streams §5.7)
 * @param sseLifetime after about this long an SSE answer ends and the client comes back (§5.8)
 * @param sseHeartbeat an SSE answer silent for this long gets a comment, so that dead peers show
 * @param chunkBytes most payload bytes in one catch-up answer; one message is sent however large
 * @param chunkMessages most messages in one catch-up answer
 * @param eventBytes payload bytes after which a data event ends and the next begins
 * @param maxJsonDepth deepest nesting taken in JSON mode
 */
public record DurableConfig(
    Duration longPollTimeout,
    Duration sseLifetime,
    Duration sseHeartbeat,
    int chunkBytes,
    int chunkMessages,
    int eventBytes,
    int maxJsonDepth) {
  public static DurableConfig defaults() {
    return new DurableConfig(
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        Duration.ofSeconds(15),
        1 << 20,
        10_000,
        64 << 10,
        500);
  }

  public DurableConfig {
    atLeast("long-poll-timeout", longPollTimeout, Duration.ofMillis(10));
    atLeast("sse-lifetime", sseLifetime, Duration.ofMillis(100));
    atLeast("sse-heartbeat", sseHeartbeat, Duration.ofMillis(100));
    atLeast("chunk-bytes", chunkBytes);
    atLeast("chunk-messages", chunkMessages);
    atLeast("event-bytes", eventBytes);
    atLeast("max-json-depth", maxJsonDepth);
  }

  private static void atLeast(String key, Duration value, Duration least) {
    if (value.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          "durable." + key + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private static void atLeast(String key, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("durable." + key + ": " + value + " (expected: >= 1)");
    }
  }
}
