package dev.parley.stream;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Strict UTF-8: what cannot be written or read without loss is refused. Stateless. */
final class Utf8 {
  private Utf8() {}

  /** The bytes of {@code text}, which is refused by the name {@code key} when it has none. */
  static ByteBuffer encode(String key, String text) {
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(key + ": lone surrogate (expected: Unicode text)", e);
    }
  }

  static String decode(String key, ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(key + ": malformed bytes (expected: UTF-8)", e);
    }
  }
}
