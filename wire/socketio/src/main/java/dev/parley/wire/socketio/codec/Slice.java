package dev.parley.wire.socketio.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * A part of a byte array that nobody changes any more. Immutable: what one packet carries is shared
 * by all who receive it, on any thread, and needs no release.
 */
public final class Slice {
  public static final Slice EMPTY = new Slice(new byte[0], 0, 0);

  private final byte[] array;
  private final int offset;
  private final int length;

  private Slice(byte[] array, int offset, int length) {
    this.array = array;
    this.offset = offset;
    this.length = length;
  }

  /** The array itself, not a copy: the caller gives it away. */
  public static Slice of(byte[] array) {
    return array.length == 0 ? EMPTY : new Slice(array, 0, array.length);
  }

  public static Slice utf8(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Copies the readable bytes; the buffer stays the caller's and keeps its position. */
  public static Slice copyOf(ByteBuf buffer) {
    return of(ByteBufUtil.getBytes(buffer));
  }

  public int length() {
    return length;
  }

  public boolean isEmpty() {
    return length == 0;
  }

  public byte at(int index) {
    return array[offset + Objects.checkIndex(index, length)];
  }

  public Slice from(int start) {
    return slice(start, length);
  }

  public Slice slice(int start, int end) {
    Objects.checkFromToIndex(start, end, length);
    return start == end ? EMPTY : new Slice(array, offset + start, end - start);
  }

  /** The first index of a byte at or after a position, or −1. */
  public int indexOf(byte value, int start) {
    for (int i = start; i < length; i++) {
      if (array[offset + i] == value) {
        return i;
      }
    }
    return -1;
  }

  public byte[] array() {
    return array;
  }

  public int offset() {
    return offset;
  }

  public byte[] toArray() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  public void writeTo(ByteBuf out) {
    out.writeBytes(array, offset, length);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Slice that
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + array[i];
    }
    return hash;
  }

  /** The bytes as UTF-8 text. */
  @Override
  public String toString() {
    return new String(array, offset, length, StandardCharsets.UTF_8);
  }
}
