package dev.parley.wire.socketio;

import java.time.Duration;

/**
 * How long a client may be away and still get all it missed.
 *
 * @param window since its connection was lost; 0 turns recovery off
 * @param maxBytes of recent packets that one namespace keeps; the oldest go first
 * @param skipMiddleware whether middleware is skipped for a client that recovers
 */
public record RecoveryConfig(Duration window, long maxBytes, boolean skipMiddleware) {
  public static RecoveryConfig defaults() {
    return new RecoveryConfig(Duration.ofMinutes(2), 64L << 20, true);
  }

  public RecoveryConfig {
    if (window.isNegative() || window.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("window: " + window + " (expected: 0 to 1 day)");
    }
    if (maxBytes < 1) {
      throw new IllegalArgumentException("max-bytes: " + maxBytes + " (expected: >= 1)");
    }
  }

  boolean isOn() {
    return !window.isZero();
  }
}
