package dev.parley.backend.rocksdb;

import dev.parley.stream.StoreException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Reads what a {@link Packer} wrote. Confined to one method at a time. */
final class Unpacker {
  private final String what;
  private final byte[] bytes;
  private int at;

  /**
   * @param what named when the bytes turn out corrupt
   */
  Unpacker(String what, byte[] bytes) {
    this.what = what;
    this.bytes = bytes;
  }

  int get() {
    if (at >= bytes.length) {
      throw corrupt("truncated at byte " + at);
    }
    return Byte.toUnsignedInt(bytes[at++]);
  }

  void version(int newest) {
    int version = get();
    if (version < 1 || version > newest) {
      throw corrupt("format version: " + version + " (expected: 1 to " + newest + ")");
    }
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int b = get();
      value |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw corrupt("number over 64 bits before byte " + at);
  }

  long optional() {
    return number() - 1;
  }

  @Nullable String textOrNull() {
    long length = number() - 1;
    if (length < 0) {
      return null;
    }
    if (length > bytes.length - at) {
      throw corrupt("text of " + length + " bytes at byte " + at);
    }
    String text = new String(bytes, at, (int) length, StandardCharsets.UTF_8);
    at += (int) length;
    return text;
  }

  String text() {
    String text = textOrNull();
    if (text == null) {
      throw corrupt("text missing at byte " + at);
    }
    return text;
  }

  StoreException corrupt(String how) {
    return new StoreException(StoreException.Code.CORRUPT, what + ": " + how);
  }
}
