package dev.parley.socketio;

/**
 * What happens to events for a client that does not keep up. Immutable.
 *
 * <p>It holds for events that can be missed: one that wants an answer waits whatever the policy,
 * and a volatile one is dropped whatever the policy.
 */
public sealed interface SlowPolicy {
  /** All wait, within the server's bound for one connection; beyond, the connection is closed. */
  static SlowPolicy lossless() {
    return new Lossless();
  }

  /** Only the newest event of each room waits. */
  static SlowPolicy latest() {
    return new Latest("");
  }

  /**
   * Only the newest event of each room and key waits.
   *
   * @param pointer a JSON pointer (RFC 6901) into the first argument, as {@code /symbol}
   */
  static SlowPolicy latestBy(String pointer) {
    return new Latest(pointer);
  }

  /**
   * The oldest go. Before the next event the client gets {@code parley:gap} with {@code
   * {"room":…,"missed":n}}; without {@code room} when the policy is that of the namespace.
   *
   * @param maxEvents that wait for one client, of one room; at least 1
   * @param maxBytes of them; the newest waits whatever its size
   */
  static SlowPolicy dropOldest(int maxEvents, int maxBytes) {
    return new DropOldest(maxEvents, maxBytes);
  }

  /** The connection is closed at once; its client comes back and recovers what it missed. */
  static SlowPolicy disconnect() {
    return new Disconnect();
  }

  /** All wait. */
  record Lossless() implements SlowPolicy {}

  /**
   * The newest waits.
   *
   * @param key a JSON pointer into the first argument; empty for the room alone
   */
  record Latest(String key) implements SlowPolicy {
    public Latest {
      if (!key.isEmpty() && !key.startsWith("/")) {
        throw new IllegalArgumentException(
            "key: " + key + " (expected: empty, or a JSON pointer as /symbol)");
      }
    }
  }

  /** The newest few wait. */
  record DropOldest(int maxEvents, int maxBytes) implements SlowPolicy {
    public DropOldest {
      if (maxEvents < 1) {
        throw new IllegalArgumentException("max-events: " + maxEvents + " (expected: >= 1)");
      }
      if (maxBytes < 1) {
        throw new IllegalArgumentException("max-bytes: " + maxBytes + " (expected: >= 1)");
      }
    }
  }

  /** None waits. */
  record Disconnect() implements SlowPolicy {}
}
