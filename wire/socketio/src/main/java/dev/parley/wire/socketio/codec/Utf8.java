package dev.parley.wire.socketio.codec;

import java.util.Locale;

/** Strict UTF-8 (RFC 3629 §4) over bytes, and their length as JavaScript counts it. Stateless. */
final class Utf8 {
  private Utf8() {}

  /**
   * Accepts what is well-formed: no overlong forms, no surrogates, nothing past U+10FFFF.
   *
   * @throws ProtocolException naming the first byte that is wrong
   */
  static void require(String where, Slice text) {
    byte[] array = text.array();
    int offset = text.offset();
    int i = 0;
    while (i < text.length()) {
      int width = array[offset + i] >= 0 ? 1 : width(text, i);
      if (width == 0) {
        throw new ProtocolException(
            where, String.format(Locale.ROOT, "byte 0x%02x at %d", text.at(i), i), "UTF-8");
      }
      i += width;
    }
  }

  /** How many UTF-16 units well-formed text has; a character of four bytes counts as two. */
  static int utf16Length(Slice text) {
    int units = 0;
    for (int i = 0; i < text.length(); i++) {
      int b = text.at(i) & 0xff;
      units += b >= 0xf0 ? 2 : b < 0x80 || b >= 0xc0 ? 1 : 0;
    }
    return units;
  }

  /**
   * Where a number of UTF-16 units of well-formed text ends, from a byte position on.
   *
   * @return −1 when the text is shorter, or the end would cut a character in two
   */
  static int skip(Slice text, int start, int units) {
    int at = start;
    int left = units;
    while (left > 0 && at < text.length()) {
      int b = text.at(at) & 0xff;
      at += b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
      left -= b < 0xf0 ? 1 : 2;
    }
    return left == 0 ? at : -1;
  }

  /** Bytes of the character at a position, or 0 when it is ill-formed (RFC 3629 §4, UTF8-char). */
  private static int width(Slice text, int at) {
    int first = text.at(at) & 0xff;
    if (first >= 0xc2 && first <= 0xdf) {
      return isIn(text, at + 1, 0x80, 0xbf) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
      int low = first == 0xe0 ? 0xa0 : 0x80; // shorter forms exist below
      int high = first == 0xed ? 0x9f : 0xbf; // surrogates above
      return isIn(text, at + 1, low, high) && isIn(text, at + 2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
      int low = first == 0xf0 ? 0x90 : 0x80;
      int high = first == 0xf4 ? 0x8f : 0xbf;
      return isIn(text, at + 1, low, high)
              && isIn(text, at + 2, 0x80, 0xbf)
              && isIn(text, at + 3, 0x80, 0xbf)
          ? 4
          : 0;
    }
    return 0;
  }

  private static boolean isIn(Slice text, int at, int low, int high) {
    if (at >= text.length()) {
      return false;
    }
    int b = text.at(at) & 0xff;
    return b >= low && b <= high;
  }
}
