package dev.parley.wire.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.transport.HttpError;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OffsetTokenTest {
  @Property
  void whatIsFormattedIsReadBack(
      @ForAll @LongRange(min = 0, max = 9_999_999_999L) long epoch,
      @ForAll @LongRange(min = 0, max = 9_999_999_999_999_999L) long offset) {
    OffsetToken token = new OffsetToken(epoch, offset);

    assertThat(OffsetToken.parse(token.toString())).isEqualTo(token);
    assertThat(token.toString()).hasSize(27);
  }

  @Property
  void tokensOfOneStreamSortAsTheirOffsets(
      @ForAll @LongRange(min = 0, max = 1L << 53) long a,
      @ForAll @LongRange(min = 0, max = 9_999_999_999_999_999L) long b) {
    assertThat(Integer.signum(OffsetToken.format(7, a).compareTo(OffsetToken.format(7, b))))
        .isEqualTo(Long.compare(a, b));
  }

  @Test
  void zeroesOfAnyWidthAreTheBeginningOfAnyStream() {
    assertThat(OffsetToken.require("offset", "0000000000000000_0000000000000000").isZero())
        .isTrue();
    assertThat(OffsetToken.require("offset", "0000000000_0000000000000000").isZero()).isTrue();
    assertThat(OffsetToken.require("offset", "0000000001_0000000000000000").isZero()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "_",
        "1",
        "-2",
        "0,1",
        "0 1",
        "0000000001_",
        "0000000001_00000000000000a1",
        "0000000001_00000000000000001",
        "0000000001-0000000000000001",
        "+000000001_0000000000000001",
        "٠٠٠٠٠٠٠٠٠١_0000000000000001",
        "00000000000000001_0000000000000001"
      })
  void anythingElseIsRefused(String text) {
    assertThat(OffsetToken.parse(text)).isNull();
    assertThatExceptionOfType(HttpError.class)
        .isThrownBy(() -> OffsetToken.require("offset", text))
        .satisfies(refusal -> assertThat(refusal.status()).isEqualTo(400));
  }
}
