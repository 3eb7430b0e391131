package dev.parley.stream;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The stored form of a {@link Message}: an envelope that can grow, then the payload. Stateless,
 * safe on any thread. The offset is not part of it; stores have it in the key.
 *
 * <pre>
 * version     1 byte, 1
 * flags       1 byte: 1 starts append, 2 producer, 4 headers, 8 sealed, 16 extensions
 * timestamp   varint, milliseconds since the Unix epoch
 * position    varint
 * producer    text id, varint epoch, varint seq           when flagged
 * headers     varint count, then text name and text value  when flagged
 * sealed      text name of the key                         when flagged
 * extensions  varint length, then as many bytes            when flagged
 * payload     the rest
 *
 * varint      LEB128, at most 10 bytes        text   varint length, then UTF-8
 * </pre>
 *
 * A field that a reader may ignore is added inside the extensions, which this version skips; one it
 * may not ignore takes a new version.
 */
public final class RecordCodec {
  /** The newest version this codec writes and reads. */
  public static final int VERSION = 1;

  private static final int STARTS_APPEND = 1;
  private static final int PRODUCER = 1 << 1;
  private static final int HEADERS = 1 << 2;
  private static final int SEALED = 1 << 3;
  private static final int EXTENSIONS = 1 << 4;
  private static final int KNOWN = (EXTENSIONS << 1) - 1;

  private RecordCodec() {}

  public static byte[] encode(Message message) {
    byte[] record = new byte[encodedSize(message)];
    encode(message, ByteBuffer.wrap(record));
    return record;
  }

  /** How many bytes {@link #encode(Message, ByteBuffer)} writes. */
  public static int encodedSize(Message message) {
    ProducerStamp producer = message.producer();
    String sealedUnder = message.payload().sealedUnder();
    int size = 2 + sizeOf(message.timestamp()) + sizeOf(message.position());
    if (producer != null) {
      size += sizeOf("producer id", producer.id());
      size += sizeOf(producer.epoch()) + sizeOf(producer.seq());
    }
    if (!message.headers().isEmpty()) {
      size += sizeOf(message.headers().size());
      for (Map.Entry<String, String> header : message.headers().entrySet()) {
        size += sizeOf("header name", header.getKey());
        size += sizeOf("header value", header.getValue());
      }
    }
    if (sealedUnder != null) {
      size += sizeOf("key name", sealedUnder);
    }
    return Math.addExact(size, message.bytes().length);
  }

  /**
   * Writes at the target's position and moves it.
   *
   * @throws java.nio.BufferOverflowException when fewer than {@link #encodedSize} bytes remain
   */
  public static void encode(Message message, ByteBuffer target) {
    ProducerStamp producer = message.producer();
    String sealedUnder = message.payload().sealedUnder();
    int flags =
        (message.startsAppend() ? STARTS_APPEND : 0)
            | (producer != null ? PRODUCER : 0)
            | (message.headers().isEmpty() ? 0 : HEADERS)
            | (sealedUnder != null ? SEALED : 0);
    target.put((byte) VERSION).put((byte) flags);
    putVarint(target, message.timestamp());
    putVarint(target, message.position());
    if (producer != null) {
      putText(target, "producer id", producer.id());
      putVarint(target, producer.epoch());
      putVarint(target, producer.seq());
    }
    if (!message.headers().isEmpty()) {
      putVarint(target, message.headers().size());
      for (Map.Entry<String, String> header : message.headers().entrySet()) {
        putText(target, "header name", header.getKey());
        putText(target, "header value", header.getValue());
      }
    }
    if (sealedUnder != null) {
      putText(target, "key name", sealedUnder);
    }
    target.put(message.bytes());
  }

  /**
   * The message at {@code offset} that {@code record} holds.
   *
   * @throws StoreException CORRUPT when {@code record} is not what {@link #encode} wrote, or is of
   *     a newer version
   */
  public static Message decode(long offset, byte[] record) {
    return decode(offset, ByteBuffer.wrap(record));
  }

  /** Reads from the record's position to its limit; the payload is copied out of it. */
  public static Message decode(long offset, ByteBuffer record) {
    try {
      return read(offset, record);
    } catch (BufferUnderflowException e) {
      throw corrupt(offset, "truncated", e);
    } catch (IllegalArgumentException e) {
      throw corrupt(offset, String.valueOf(e.getMessage()), e);
    }
  }

  private static Message read(long offset, ByteBuffer record) {
    int version = Byte.toUnsignedInt(record.get());
    if (version < 1 || version > VERSION) {
      throw new IllegalArgumentException(
          "format version: " + version + " (expected: 1 to " + VERSION + ")");
    }
    int flags = Byte.toUnsignedInt(record.get());
    if ((flags & ~KNOWN) != 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "flags: 0x%02x (expected: none but 0x%02x)", flags, KNOWN));
    }
    long timestamp = varint(record);
    long position = varint(record);
    ProducerStamp producer = null;
    if ((flags & PRODUCER) != 0) {
      producer = new ProducerStamp(text(record, "producer id"), varint(record), varint(record));
    }
    Map<String, String> headers = (flags & HEADERS) != 0 ? headers(record) : Map.of();
    String sealedUnder = (flags & SEALED) != 0 ? text(record, "key name") : null;
    if ((flags & EXTENSIONS) != 0) {
      slice(record, "extensions");
    }
    byte[] payload = new byte[record.remaining()];
    record.get(payload);
    return new Message(
        offset,
        timestamp,
        (flags & STARTS_APPEND) != 0,
        position,
        producer,
        new Payload(payload, headers, sealedUnder));
  }

  private static Map<String, String> headers(ByteBuffer record) {
    long count = varint(record);
    if (count < 1 || count > Payload.MAX_HEADERS) {
      throw new IllegalArgumentException(
          "headers: " + count + " (expected: 1 to " + Payload.MAX_HEADERS + ")");
    }
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String name = text(record, "header name");
      if (headers.put(name, text(record, "header value")) != null) {
        throw new IllegalArgumentException("header: \"" + name + "\" twice (expected: once)");
      }
    }
    return headers;
  }

  private static StoreException corrupt(long offset, String what, RuntimeException cause) {
    return new StoreException(
        StoreException.Code.CORRUPT, "record at offset " + offset + ": " + what, cause);
  }

  private static int sizeOf(long value) {
    return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
  }

  private static int sizeOf(String key, String text) {
    int bytes = Utf8.encode(key, text).remaining();
    return sizeOf(bytes) + bytes;
  }

  private static void putVarint(ByteBuffer target, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      target.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    target.put((byte) rest);
  }

  private static void putText(ByteBuffer target, String key, String text) {
    ByteBuffer bytes = Utf8.encode(key, text);
    putVarint(target, bytes.remaining());
    target.put(bytes);
  }

  private static long varint(ByteBuffer record) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte b = record.get();
      if (shift == 63 && (b < 0 || b > 1)) {
        break;
      }
      value |= (long) (b & 0x7F) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("varint: over 64 bits (expected: at most 10 bytes)");
  }

  private static String text(ByteBuffer record, String key) {
    return Utf8.decode(key, slice(record, key));
  }

  private static ByteBuffer slice(ByteBuffer record, String key) {
    long length = varint(record);
    if (length < 0 || length > record.remaining()) {
      throw new IllegalArgumentException(
          key + ": " + length + " bytes (expected: at most the " + record.remaining() + " left)");
    }
    ByteBuffer slice = record.slice(record.position(), (int) length);
    record.position(record.position() + (int) length);
    return slice;
  }
}
