package dev.parley.provider.openai;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TextTemplateTest {
  private static final String BEFORE = "{\"choices\":[{\"delta\":{\"content\":";
  private static final String AFTER = "}}],\"usage\":null}";

  private final TextTemplate template = new TextTemplate();

  private void learn(String text) {
    byte[] chunk = (BEFORE + '"' + text + '"' + AFTER).getBytes(UTF_8);
    template.learn(chunk, chunk.length, BEFORE.length(), text);
  }

  private @Nullable String read(String chunk) {
    byte[] bytes = chunk.getBytes(UTF_8);
    return template.read(bytes, bytes.length);
  }

  @Test
  void aChunkThatDiffersOnlyInItsTextIsRead() {
    learn("Hello");

    assertThat(read(BEFORE + "\" world\"" + AFTER)).isEqualTo(" world");
    assertThat(read(BEFORE + "\"\"" + AFTER)).isEmpty();
    assertThat(read(BEFORE + "\"naïve 日本 👩‍👧\"" + AFTER)).isEqualTo("naïve 日本 👩‍👧");
  }

  @Test
  void whateverDiffersOtherwiseIsLeftToTheParser() {
    assertThat(read(BEFORE + "\"before anything was learnt\"" + AFTER)).isNull();
    learn("Hello");

    assertThat(read(BEFORE + "\"a\\n\"" + AFTER)).isNull();
    assertThat(read(BEFORE + "\"a\nb\"" + AFTER)).isNull();
    assertThat(read(BEFORE + "\"a\",\"content\":\"b\"" + AFTER)).isNull();
    assertThat(read(BEFORE + "\"a\"}}],\"usage\":{}}")).isNull();
    assertThat(read("{\"choices\":[]}")).isNull();
    assertThat(read(BEFORE + "null" + AFTER)).isNull();
    assertThat(read(BEFORE)).isNull();
    byte[] broken = (BEFORE + "\"\u00c3(\"" + AFTER).getBytes(ISO_8859_1);
    assertThat(template.read(broken, broken.length)).isNull();
  }

  @Test
  void nothingIsLearntFromATextThatNeededAnEscapeOrStandsElsewhere() {
    byte[] escaped = (BEFORE + "\"a\\nb\"" + AFTER).getBytes(UTF_8);
    template.learn(escaped, escaped.length, BEFORE.length(), "a\nb");
    byte[] chunk = (BEFORE + "\"Hello\"" + AFTER).getBytes(UTF_8);
    template.learn(chunk, chunk.length, 1, "Hello");

    assertThat(read(BEFORE + "\"x\"" + AFTER)).isNull();
  }
}
