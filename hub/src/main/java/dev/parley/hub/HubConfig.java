package dev.parley.hub;

import java.time.Duration;

/**
 * Settings of the hub.
 *
 * @param shards threads that own live state
 * @param ringBytes bound of recent messages kept in memory, all shards together
 * @param ringMessages most recent messages kept of one stream
 * @param idleAfter how long a stream without followers keeps its place in memory
 * @param mailbox most commands waiting for one shard
 */
public record HubConfig(
    int shards, long ringBytes, int ringMessages, Duration idleAfter, int mailbox) {
  public static HubConfig defaults() {
    return new HubConfig(
        Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
        64L << 20,
        1024,
        Duration.ofSeconds(30),
        65_536);
  }

  public HubConfig {
    if (shards < 1) {
      throw new IllegalArgumentException("hub.shards: " + shards + " (expected: >= 1)");
    }
    if (ringBytes < 1) {
      throw new IllegalArgumentException("hub.ring-bytes: " + ringBytes + " (expected: >= 1)");
    }
    if (ringMessages < 1) {
      throw new IllegalArgumentException(
          "hub.ring-messages: " + ringMessages + " (expected: >= 1)");
    }
    if (idleAfter.isNegative() || idleAfter.isZero()) {
      throw new IllegalArgumentException("hub.idle-after: " + idleAfter + " (expected: > 0)");
    }
    if (mailbox < 16) {
      throw new IllegalArgumentException("hub.mailbox: " + mailbox + " (expected: >= 16)");
    }
  }
}
