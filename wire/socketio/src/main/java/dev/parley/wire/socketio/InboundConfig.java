package dev.parley.wire.socketio;

import java.time.Duration;

/**
 * How much clients may send. Each limit is for a second, and 0 turns it off.
 *
 * @param connectionEvents packets of one connection
 * @param connectionBytes bytes of them
 * @param userEvents packets of all connections whose token is of one subject
 * @param userBytes bytes of them
 * @param addressEvents packets of all connections of one address; of one /64 in IPv6
 * @param addressBytes bytes of them
 * @param burst as much as in this time may come at once
 * @param loopback whether the limits hold for connections of this machine; needed behind a proxy
 *     that runs here
 */
public record InboundConfig(
    int connectionEvents,
    long connectionBytes,
    int userEvents,
    long userBytes,
    int addressEvents,
    long addressBytes,
    Duration burst,
    boolean loopback) {
  public static InboundConfig defaults() {
    return new InboundConfig(
        1_000, 1 << 20, 5_000, 5 << 20, 20_000, 20 << 20, Duration.ofSeconds(2), false);
  }

  public InboundConfig {
    atLeast("connection-events", connectionEvents);
    atLeast("connection-bytes", connectionBytes);
    atLeast("user-events", userEvents);
    atLeast("user-bytes", userBytes);
    atLeast("address-events", addressEvents);
    atLeast("address-bytes", addressBytes);
    if (burst.toMillis() < 1 || burst.compareTo(Duration.ofMinutes(10)) > 0) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: PT0.001S..PT10M)");
    }
  }

  private static void atLeast(String key, long value) {
    if (value < 0 || value > 1L << 40) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: 0.." + (1L << 40) + ")");
    }
  }

  Rate connection() {
    return new Rate("connection", connectionEvents, connectionBytes, burst);
  }

  Rate user() {
    return new Rate("user", userEvents, userBytes, burst);
  }

  Rate address() {
    return new Rate("address", addressEvents, addressBytes, burst);
  }
}
