package dev.parley.transport;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A WebSocket client that writes and reads frames by hand. Owned by the test's thread. */
final class RawWebSocket implements AutoCloseable {
  static final int FIN = 0x80;
  static final int RSV1 = 0x40;
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  private static final byte[] MASK = {0x37, (byte) 0xFA, 0x21, 0x3D};

  final Raw raw;
  final Raw.Answer handshake;

  RawWebSocket(InetSocketAddress server, String path, String... headers) throws IOException {
    this(new Raw(server), path, headers);
  }

  RawWebSocket(Raw raw, String path, String... headers) throws IOException {
    this.raw = raw;
    raw.send(request(path, headers));
    handshake = raw.readHead();
  }

  static String request(String path, String... headers) {
    return "GET "
        + path
        + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + String.join("", Arrays.stream(headers).map(header -> header + "\r\n").toList())
        + "\r\n";
  }

  RawWebSocket text(String text) throws IOException {
    return send(FIN | TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  RawWebSocket send(int first, byte... payload) throws IOException {
    raw.send(masked(first, payload));
    return this;
  }

  RawWebSocket close(int code, String reason) throws IOException {
    return send(FIN | CLOSE, closePayload(code, reason));
  }

  static byte[] closePayload(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array();
  }

  static byte[] masked(int first, byte... payload) {
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

  Frame read() throws IOException {
    byte[] head = raw.readBytes(2);
    if (head.length < 2) {
      throw new EOFException("server closed");
    }
    int size = head[1];
    if (size == 126) {
      size = ByteBuffer.wrap(raw.readBytes(2)).getShort() & 0xFFFF;
    } else if (size == 127) {
      size = (int) ByteBuffer.wrap(raw.readBytes(8)).getLong();
    }
    return new Frame(head[0] & 0xFF, raw.readBytes(size));
  }

  /** The text of the next message. */
  String readText() throws IOException {
    Frame frame = read();
    if (frame.first() != (FIN | TEXT)) {
      throw new IOException("frame: " + frame.first() + " (expected: text)");
    }
    return frame.text();
  }

  /** The code of the close that comes before the end, after whatever else comes. */
  int readCloseCode() throws IOException {
    Frame frame = read();
    while (frame.opcode() != CLOSE) {
      frame = read();
    }
    return frame.closeCode();
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }

  /** A frame of the server. Owned by the test's thread. */
  static final class Frame {
    private final int first;
    private final byte[] payload;

    Frame(int first, byte[] payload) {
      this.first = first;
      this.payload = payload;
    }

    int first() {
      return first;
    }

    byte[] payload() {
      return payload;
    }

    int opcode() {
      return first & 15;
    }

    int closeCode() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }

    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }
  }
}
