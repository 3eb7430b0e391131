package dev.parley.testkit.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScriptTest {
  @Test
  void aNameAloneSaysAHundredWordsAtThirtyASecond() {
    Script script = Script.parse("scripted");

    assertThat(script.tokens()).isEqualTo(100);
    assertThat(script.intervalNanos()).isEqualTo(33_333_333);
    assertThat(script.trouble()).isEqualTo(Trouble.NONE);
  }

  @Test
  void aBurstKeepsTheRate() {
    assertThat(Script.parse("scripted?rate=30&burst=3").intervalNanos()).isEqualTo(99_999_999);
  }

  @Test
  void aMisspeltKeyIsRefusedWithTheOnesThereAre() {
    assertThatThrownBy(() -> Script.parse("scripted?token=3"))
        .hasMessageStartingWith("model.token: 3 (expected: one of again, ")
        .hasMessageContaining("tokens");
  }

  @Test
  void aDurationWithoutItsUnitIsRefused() {
    assertThatThrownBy(() -> Script.parse("scripted?first=20"))
        .hasMessage("model.first: 20 (expected: a duration such as 20ms or 1.5s)");
  }

  @Test
  void twoFaultsInOneStreamAreRefused() {
    assertThatThrownBy(() -> Script.parse("scripted?cut-after=1&stall-after=2"))
        .hasMessageContaining("one fault in a stream");
  }

  @Test
  void theArgumentsOfACallMayBePercentEncoded() {
    Script script = Script.parse("scripted?tool-call=find:{\"q\":\"a%26b%3Dc+d\"}");

    assertThat(script.toolCalls())
        .containsExactly(new Script.ToolCall("find", "{\"q\":\"a&b=c+d\"}"));
  }

  @Test
  void tokensAreFoundAgainInJoinedText() {
    ByteBuf text = Unpooled.buffer();
    for (int number = 1; number <= 5; number++) {
      Token.write(text, number, 1000L + number);
    }

    assertThat(Token.parse("before " + text.toString(StandardCharsets.UTF_8) + "after"))
        .containsExactly(
            new Token(1, 1001),
            new Token(2, 1002),
            new Token(3, 1003),
            new Token(4, 1004),
            new Token(5, 1005));
  }

  @Test
  void proseGoesOnAfterItsLastWholeWord() {
    ByteBuf said = Unpooled.buffer();
    for (int number = 1; number <= 7; number++) {
      Text.PROSE.write(said, number, 0);
    }
    String prefix =
        Json.MAPPER.readValue('"' + said.toString(StandardCharsets.UTF_8) + '"', String.class);

    assertThat(Text.PROSE.last(prefix)).isEqualTo(7);
    assertThat(Text.PROSE.last(prefix + "nowhere")).isEqualTo(7);
  }
}
