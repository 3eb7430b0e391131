package dev.parley.toolcall;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** How long to wait before a call is sent again. */
final class Backoff {
  private static final long FIRST_MILLIS = 200;
  private static final long MOST_MILLIS = 5_000;

  private Backoff() {}

  /**
   * Full jitter: anything up to 200 ms, doubling to 5 s, so that those who failed together come
   * back apart.
   *
   * @param attempts failed so far, at least 1
   * @param random in [0, 1)
   */
  static Duration after(int attempts, double random) {
    long most = Math.min(MOST_MILLIS, FIRST_MILLIS << Math.min(attempts - 1, 16));
    return Duration.ofMillis((long) (most * random));
  }

  /**
   * What {@code Retry-After} asks for (RFC 9110 §10.2.3), seconds or a date; nothing when it cannot
   * be read.
   */
  static Duration asked(String retryAfter, Instant now) {
    String value = retryAfter.strip();
    if (!value.isEmpty()
        && value.length() <= 9
        && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Duration.ofSeconds(Long.parseLong(value));
    }
    try {
      Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return then.isAfter(now) ? Duration.between(now, then) : Duration.ZERO;
    } catch (DateTimeException e) {
      return Duration.ZERO;
    }
  }
}
