package dev.parley.stream;

import static dev.parley.stream.StoreFixture.offsets;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Reading by offset and by time. */
public interface ReadContract extends StoreFixture {
  @Test
  default void readsGoOnFromWhereTheyEnded() {
    created(A, "1", "2", "3", "4", "5");

    Slice one = slice(A, 0, 2, 1000);
    Slice two = slice(A, one.next(), 2, 1000);
    Slice three = slice(A, two.next(), 2, 1000);

    assertThat(offsets(one.messages())).containsExactly(1L, 2L);
    assertThat(one.upToDate()).isFalse();
    assertThat(one.info()).isEqualTo(info(A));
    assertThat(offsets(two.messages())).containsExactly(3L, 4L);
    assertThat(offsets(three.messages())).containsExactly(5L);
    assertThat(three.upToDate()).isTrue();
  }

  @Test
  default void aReadAtTheTailOrBeyondIsEmpty() {
    created(A, "1");

    assertThat(slice(A, 1, 10, 10).messages()).isEmpty();
    assertThat(slice(A, 1, 10, 10).upToDate()).isTrue();
    assertThat(slice(A, 99, 10, 10).messages()).isEmpty();
    assertThat(slice(A, 99, 10, 10).next()).isEqualTo(99);
    assertThat(slice(A, Long.MAX_VALUE - 1, 10, 10).messages()).isEmpty();
  }

  @Test
  default void aReadStopsBeforeTheMessageThatWouldPassItsBytes() {
    created(A, "333", "22", "1");

    assertThat(offsets(slice(A, 0, 10, 5).messages())).containsExactly(1L, 2L);
    assertThat(offsets(slice(A, 0, 10, 4).messages())).containsExactly(1L);
    assertThat(offsets(slice(A, 0, 10, 6).messages())).containsExactly(1L, 2L, 3L);
    assertThat(offsets(slice(A, 1, 10, 2).messages())).containsExactly(2L);
  }

  @Test
  default void theFirstMessageIsReadHoweverLarge() {
    created(A, "far too large", "x");

    assertThat(offsets(slice(A, 0, 10, 1).messages())).containsExactly(1L);
    assertThat(offsets(slice(A, 0, 10, 0).messages())).containsExactly(1L);
  }

  @Test
  default void timeFindsTheLastMessageNotYounger() {
    created(A);
    appended(A, "1"); // 0 s
    clock().advance(Duration.ofSeconds(10));
    appended(A, "2", "3"); // 10 s
    appended(A, "4"); // 10 s
    clock().advance(Duration.ofSeconds(10));
    appended(A, "5"); // 20 s

    assertThat(offsetAt(A, second(-1))).hasValue(0L);
    assertThat(offsetAt(A, second(0))).hasValue(1L);
    assertThat(offsetAt(A, second(9))).hasValue(1L);
    assertThat(offsetAt(A, second(10).minusMillis(1))).hasValue(1L);
    assertThat(offsetAt(A, second(10))).hasValue(4L);
    assertThat(offsetAt(A, second(19))).hasValue(4L);
    assertThat(offsetAt(A, second(20))).hasValue(5L);
    assertThat(offsetAt(A, second(9999))).hasValue(5L);
    assertThat(offsetAt(A, Instant.MIN)).hasValue(0L);
    assertThat(offsetAt(A, Instant.MAX)).hasValue(5L);
  }

  @Test
  default void timeFindsNothingInAnEmptyStream() {
    created(A);

    assertThat(offsetAt(A, second(0))).hasValue(0L);
  }

  @Test
  default void timeIsFoundThoughTheClockJumpedBack() {
    created(A);
    appended(A, "1");
    clock().advance(Duration.ofMinutes(-5));
    appended(A, "2");
    clock().advance(Duration.ofMinutes(6));
    appended(A, "3");

    assertThat(offsetAt(A, second(-60))).hasValue(0L);
    assertThat(offsetAt(A, second(0))).hasValue(2L);
    assertThat(offsetAt(A, second(60))).hasValue(3L);
  }

  @Test
  default void timeFindsTheOffsetAmongThousands() {
    created(A);
    for (int i = 0; i < 300; i++) {
      appended(A, "a", "b", "c");
      appended(A, "d");
      clock().advance(Duration.ofSeconds(1));
    }

    for (int second : new int[] {0, 1, 63, 64, 65, 127, 128, 150, 255, 256, 298, 299}) {
      assertThat(offsetAt(A, second(second))).hasValue(4L * (second + 1));
    }
  }

  private static Instant second(long second) {
    return TestClock.START.plusSeconds(second);
  }
}
