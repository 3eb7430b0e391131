package dev.parley.wire.socketio.backend;

import java.time.Duration;

/**
 * When a backend is no longer asked, and when it is tried again.
 *
 * @param window last requests that are judged
 * @param leastRequests of them before they are judged at all
 * @param failurePercent of them that open the circuit
 * @param openFor how long nothing is asked then
 * @param trials requests that are let through afterwards; they decide whether it closes
 */
public record CircuitConfig(
    int window, int leastRequests, int failurePercent, Duration openFor, int trials) {
  public static CircuitConfig defaults() {
    return new CircuitConfig(50, 10, 50, Duration.ofSeconds(5), 3);
  }

  public CircuitConfig {
    requireIn("window", window, 1, 10_000);
    requireIn("least-requests", leastRequests, 1, window);
    requireIn("failure-percent", failurePercent, 1, 100);
    requireIn("trials", trials, 1, 1_000);
    if (openFor == null || openFor.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException("open-for: " + openFor + " (expected: >= 1ms)");
    }
  }

  private static void requireIn(String key, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          key + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
