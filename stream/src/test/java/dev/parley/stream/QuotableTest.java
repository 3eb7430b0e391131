package dev.parley.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class QuotableTest {
  @Test
  void whatIsLongIsCutAndWhatATerminalWouldObeyIsReplaced() {
    assertThat(Quotable.of("plain")).isEqualTo("plain");
    assertThat(Quotable.of("a\u001b[2J\né")).isEqualTo("a?[2J??");
    assertThat(Quotable.of("x".repeat(65))).isEqualTo("x".repeat(64) + "…");
  }
}
