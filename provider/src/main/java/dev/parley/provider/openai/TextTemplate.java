package dev.parley.provider.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the chunks of one reply have in common around their piece of text: of thousands in a row
 * nothing else differs, and these need no parser. Whatever is not exactly so is left to it.
 * Confined to the loop of its answer.
 */
final class TextTemplate {
  private static final char REPLACEMENT = '\uFFFD';

  private byte[] head = {}; // up to the quote that opens the text
  private byte[] tail = {}; // from the quote that closes it

  /**
   * Learns from a chunk that said nothing but {@code text}.
   *
   * @param at where the text stands as a JSON string, from its opening quote
   */
  void learn(byte[] data, int length, int at, String text) {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    int from = at + 1;
    int to = from + plain.length;
    if (to < length && data[to] == '"' && Arrays.equals(data, from, to, plain, 0, plain.length)) {
      head = Arrays.copyOfRange(data, 0, from);
      tail = Arrays.copyOfRange(data, to, length);
    }
  }

  /** The text of a chunk of this form; {@code null} if it may be of another. */
  @Nullable String read(byte[] data, int length) {
    int from = head.length;
    int to = length - tail.length;
    if (from == 0
        || to < from
        || !Arrays.equals(data, 0, from, head, 0, from)
        || !Arrays.equals(data, to, length, tail, 0, tail.length)) {
      return null;
    }
    boolean ascii = true;
    for (int i = from; i < to; i++) {
      byte b = data[i];
      if (b == '"' || b == '\\' || (b >= 0 && b < ' ')) {
        return null;
      }
      ascii &= b >= 0;
    }
    if (ascii) {
      return new String(data, from, to - from, StandardCharsets.ISO_8859_1);
    }
    String text = new String(data, from, to - from, StandardCharsets.UTF_8);
    return text.indexOf(REPLACEMENT) < 0 ? text : null; // perhaps not UTF-8
  }
}
