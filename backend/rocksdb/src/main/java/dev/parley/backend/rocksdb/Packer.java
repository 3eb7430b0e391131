package dev.parley.backend.rocksdb;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes the fields of a stored value one after another. Confined to one method at a time. */
final class Packer {
  private byte[] bytes = new byte[128];
  private int length;

  Packer put(int value) {
    room(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /** LEB128; -1, which stands for "none" in many fields, takes ten bytes unless shifted by one. */
  Packer number(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
    return this;
  }

  /** A number from -1. */
  Packer optional(long value) {
    return number(value + 1);
  }

  Packer text(@Nullable String text) {
    if (text == null) {
      return number(0);
    }
    byte[] utf8 = Keys.utf8(text);
    number(utf8.length + 1L);
    room(utf8.length);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
