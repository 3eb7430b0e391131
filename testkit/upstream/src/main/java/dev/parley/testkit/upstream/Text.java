package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** What the words of a reply are. Immutable. */
enum Text {
  /** Each word is a {@link Token}. */
  TOKENS {
    @Override
    void write(ByteBuf out, int number, long nanos) {
      Token.write(out, number, nanos);
    }

    @Override
    int last(String prefix) {
      List<Token> tokens = Token.parse(prefix);
      return tokens.isEmpty() ? 0 : tokens.getLast().number();
    }
  },

  /** Markdown that reads like an answer, over and over: short words, code, other scripts. */
  PROSE {
    @Override
    void write(ByteBuf out, int number, long nanos) {
      out.writeBytes(ESCAPED[(number - 1) % ESCAPED.length]);
    }

    @Override
    int last(String prefix) {
      int number = 0;
      int at = 0;
      while (at < prefix.length() && prefix.startsWith(WORDS[number % WORDS.length], at)) {
        at += WORDS[number % WORDS.length].length();
        number++;
      }
      return number;
    }
  };

  private static final String PASSAGE =
      """
      ## What a reply can hold

      A reply is **streamed**: each word leaves as soon as it is known, and _nobody_ waits for the last one. Some words are \
      short; others, like *Donaudampfschifffahrt*, are not. There is naïve café Latin, Ελληνικά, русский, 日本語, \
      العربية and a family of one character: 👩‍👩‍👧‍👦.

      1. Numbers come in order.
      2. Nothing is said twice.

      ```java
      for (String word : reply.words()) {
        out.append(word).append("\\n");
      }
      ```

      > "Only *stop* stops it."

      """;
  private static final String[] WORDS = PASSAGE.split("(?<=\\s)(?=\\S)");
  private static final byte[][] ESCAPED =
      Arrays.stream(WORDS)
          .map(word -> Json.escape(word).getBytes(StandardCharsets.UTF_8))
          .toArray(byte[][]::new);

  /** Appends the word of this number, escaped for a JSON string. */
  abstract void write(ByteBuf out, int number, long nanos);

  /** The number of the last whole word of what was said so far; 0 if there is none. */
  abstract int last(String prefix);
}
