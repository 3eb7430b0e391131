package dev.parley.toolcall;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BackoffTest {
  @ParameterizedTest
  @CsvSource({"1, 200", "2, 400", "3, 800", "4, 1600", "5, 3200", "6, 5000", "100, 5000"})
  void aPauseIsAnythingUpToABoundThatDoubles(int attempts, long most) {
    assertThat(Backoff.after(attempts, 0)).isZero();
    assertThat(Backoff.after(attempts, 0.999_999_999)).isEqualTo(Duration.ofMillis(most - 1));
  }

  @Test
  void aServerMayNameSecondsOrADate() {
    Instant now = Instant.parse("2026-11-22T05:00:00Z");

    assertThat(Backoff.asked("120", now)).isEqualTo(Duration.ofMinutes(2));
    assertThat(Backoff.asked("Sun, 22 Nov 2026 05:01:00 GMT", now))
        .isEqualTo(Duration.ofMinutes(1));
    assertThat(Backoff.asked("Sun, 22 Nov 2026 04:59:00 GMT", now)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "99999999999999999999", "１２"})
  void whatCannotBeReadAsksForNothing(String value) {
    assertThat(Backoff.asked(value, Instant.EPOCH)).isZero();
  }
}
