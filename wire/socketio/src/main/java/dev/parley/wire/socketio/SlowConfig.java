package dev.parley.wire.socketio;

import dev.parley.socketio.SlowPolicy;
import java.util.Locale;

/**
 * What happens to events for clients that do not keep up, for some rooms. A value.
 *
 * @param namespace its name, with at most one {@code *} for any characters
 * @param room a name, with at most one {@code *}; empty for all events of the namespace
 * @param policy what happens
 * @param key of {@code latest}: a JSON pointer into the first argument, or empty for the room alone
 * @param maxEvents of {@code drop-oldest}: how many wait for one client, of one room
 * @param maxBytes of {@code drop-oldest}: how many bytes of them wait
 */
public record SlowConfig(
    String namespace, String room, Kind policy, String key, int maxEvents, int maxBytes) {
  /** The name of a policy. */
  public enum Kind {
    LOSSLESS,
    LATEST,
    DROP_OLDEST,
    DISCONNECT
  }

  public static SlowConfig defaults() {
    return new SlowConfig("/", "", Kind.LOSSLESS, "", 256, 256 << 10);
  }

  public SlowConfig {
    if (!namespace.startsWith("/") || stars(namespace) > 1) {
      throw new IllegalArgumentException(
          "namespace: " + namespace + " (expected: a name with a leading slash and at most one *)");
    }
    if (stars(room) > 1) {
      throw new IllegalArgumentException("room: " + room + " (expected: at most one *)");
    }
    if (!key.isEmpty() && policy != Kind.LATEST) {
      throw new IllegalArgumentException(
          "key: "
              + key
              + " (expected: none with policy "
              + policy.name().toLowerCase(Locale.ROOT).replace('_', '-')
              + ")");
    }
    var _ = policy(policy, key, maxEvents, maxBytes); // which judges the rest
  }

  static long stars(String pattern) {
    return pattern.chars().filter(c -> c == '*').count();
  }

  SlowRule rule() {
    return new SlowRule(room, policy(policy, key, maxEvents, maxBytes));
  }

  private static SlowPolicy policy(Kind kind, String key, int maxEvents, int maxBytes) {
    return switch (kind) {
      case LOSSLESS -> SlowPolicy.lossless();
      case LATEST -> SlowPolicy.latestBy(key);
      case DROP_OLDEST -> SlowPolicy.dropOldest(maxEvents, maxBytes);
      case DISCONNECT -> SlowPolicy.disconnect();
    };
  }
}
