package dev.parley.backend.rocksdb;

import dev.parley.stream.StreamPath;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Keys of the column families: big-endian, so that byte order is numeric order. Stateless. */
final class Keys {
  private Keys() {}

  static byte[] of(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  /** Of a message (stream, offset) or of due work (time, stream). */
  static byte[] of(long high, long low) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
  }

  static byte[] producer(long streamId, String producerId) {
    byte[] id = utf8(producerId);
    return ByteBuffer.allocate(Long.BYTES + id.length).putLong(streamId).put(id).array();
  }

  static byte[] path(StreamPath path) {
    return utf8(path.value());
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The number in the last eight bytes of {@code key}. */
  static long last(byte[] key) {
    return ByteBuffer.wrap(key).getLong(key.length - Long.BYTES);
  }

  static long first(byte[] key) {
    return ByteBuffer.wrap(key).getLong(0);
  }
}
