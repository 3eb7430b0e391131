package dev.parley.testkit.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.Deflater;

/** The bytes of a client: frames, masked with the key of RFC 6455 §5.7. Stateless. */
final class Sent {
  static final int FIN = 0x80;
  static final int RSV1 = 0x40;
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};
  private static final int TAIL_BYTES = 4; // 00 00 FF FF, RFC 7692 §7.2.1

  private Sent() {}

  /** A frame with the shortest form of its length. */
  static byte[] frame(int first, byte... payload) {
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) 0xFE).putShort((short) payload.length);
    } else {
      frame.put((byte) 0xFF).putLong(payload.length);
    }
    frame.put(MASK);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i & 3]));
    }
    return Arrays.copyOf(frame.array(), frame.position());
  }

  static byte[] frame(int first, String payload) {
    return frame(first, utf8(payload));
  }

  static byte[] text(String text) {
    return frame(FIN | TEXT, text);
  }

  static byte[] binary(byte... bytes) {
    return frame(FIN | BINARY, bytes);
  }

  static byte[] ping(String payload) {
    return frame(FIN | PING, payload);
  }

  static byte[] close(int code, String reason) {
    return frame(FIN | CLOSE, closing(code, utf8(reason)));
  }

  /** The payload of a close. */
  static byte[] closing(int code, byte... reason) {
    return all(new byte[] {(byte) (code >> 8), (byte) code}, reason);
  }

  /** One message in as many frames as there are parts. */
  static byte[] fragments(int first, byte[]... parts) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < parts.length; i++) {
      int fin = i == parts.length - 1 ? FIN : 0;
      frames.writeBytes(frame(fin | (i == 0 ? first : CONTINUATION), parts[i]));
    }
    return frames.toByteArray();
  }

  /** One message in frames of one byte each. */
  static byte[] crumbs(int first, byte[] payload) {
    byte[][] parts = new byte[payload.length][];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new byte[] {payload[i]};
    }
    return fragments(first, parts);
  }

  /** The compressed form of a message, without its tail (RFC 7692 §7.2.1). */
  static byte[] deflate(byte[] message) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      return deflate(deflater, message);
    } finally {
      deflater.end();
    }
  }

  static byte[] deflate(Deflater deflater, byte[] message) {
    deflater.setInput(message);
    byte[] out = new byte[message.length + 1000];
    int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    return Arrays.copyOf(out, size - TAIL_BYTES);
  }

  /** Bytes as they are, written in hexadecimal; blanks are for the reader. */
  static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] all(byte[]... pieces) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      all.writeBytes(piece);
    }
    return all.toByteArray();
  }

  /** So many bytes, none like its neighbour. */
  static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    return bytes;
  }
}
