package dev.parley.bench;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;

/** Appends numbered, time-stamped messages at a steady rate, as {@link Followers} expects them. */
final class Publisher {
  private Publisher() {}

  /**
   * Sends {@code count} messages, {@code perSecond} a second, then waits a second for the last to
   * arrive.
   */
  static void publish(Connection connection, String path, int count, double perSecond)
      throws IOException {
    long begun = System.nanoTime();
    for (int n = 0; n < count; n++) {
      long due = begun + (long) (n * 1e9 / perSecond);
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      String body = "{\"n\":" + n + ",\"t\":" + System.nanoTime() + "}";
      int status = connection.exchange(connection.request("POST", path, "application/json", body));
      if (status != 204 && status != 200) {
        throw new IOException("append: " + status);
      }
    }
    LockSupport.parkNanos(1_000_000_000L);
  }
}
