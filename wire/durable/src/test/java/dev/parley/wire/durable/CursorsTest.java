package dev.parley.wire.durable;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class CursorsTest {
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2024-10-09T00:20:00Z"));
  private final Cursors cursors = new Cursors(now::get);

  @Test
  void theCursorIsTheNumberOfTheInterval() {
    assertThat(cursors.answer(-1)).isEqualTo(60);
    now.set(now.get().plusSeconds(20));
    assertThat(cursors.answer(60)).isEqualTo(61);
  }

  @Test
  void aClientThatIsAheadIsSentFurther() {
    assertThat(cursors.answer(60)).isBetween(61L, 240L);
    assertThat(cursors.answer(10_000)).isGreaterThan(10_000);
  }

  @Test
  void aClockThatJumpsBackDoesNotTakeTheCursorWithIt() {
    assertThat(cursors.current()).isEqualTo(60);
    now.set(now.get().minusSeconds(600));
    assertThat(cursors.current()).isEqualTo(60);
  }

  @Test
  void aStrangeCursorIsNone() {
    assertThat(Cursors.parse("abc")).isEqualTo(-1);
    assertThat(Cursors.parse("9".repeat(16))).isEqualTo(-1);
    assertThat(Cursors.parse("9".repeat(40))).isEqualTo(-1);
    assertThat(Cursors.parse("-3")).isEqualTo(-1);
    assertThat(Cursors.parse("42")).isEqualTo(42);
  }
}
