package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** A connection that speaks HTTP/2 frame by frame (RFC 9113 §4.1). Owned by the test's thread. */
final class Frames implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GO_AWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final byte[] NONE = {};

  private final Raw raw;
  private final DefaultHttp2HeadersDecoder headers = new DefaultHttp2HeadersDecoder(false);

  Frames(Raw raw) throws IOException {
    this.raw = raw;
    raw.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(frame(SETTINGS, 0, 0, NONE));
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = payload.length;
    out.writeBytes(new byte[] {(byte) (length >> 16), (byte) (length >> 8), (byte) length});
    out.writeBytes(new byte[] {(byte) type, (byte) flags});
    out.writeBytes(int32(stream));
    out.writeBytes(payload);
    return out.toByteArray();
  }

  static byte[] int32(int value) {
    return new byte[] {
      (byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value
    };
  }

  /** The fields of a request: static table entries, and a literal path (RFC 7541 §6). */
  static byte[] request(String method, String path) {
    String fields =
        (method.equals("GET") ? "\u0082" : "\u0083") + "\u0086\4" + (char) path.length();
    return (fields + path).getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] get(int stream, String path) {
    return frame(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", path));
  }

  Frames send(byte[]... frames) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      all.writeBytes(frame);
    }
    raw.send(all.toByteArray());
    return this;
  }

  /** The next frame of the type; those before it are read over. */
  Frame await(int type) throws IOException {
    Frame frame = raw.readFrame();
    while (frame.type() != type) {
      frame = raw.readFrame();
    }
    return frame;
  }

  /** The status of the answer to a stream, whose header block must be the next. */
  String status(int stream) throws Exception {
    Frame frame = await(HEADERS);
    if (frame.stream() != stream) {
      throw new AssertionError(
          "headers of stream " + frame.stream() + " (expected: " + stream + ")");
    }
    return String.valueOf(headers.decodeHeaders(stream, frame.payload()).status());
  }

  boolean atEnd() throws IOException {
    return raw.readAll().isEmpty();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }

  record Frame(int type, int stream, ByteBuf payload) {
    /** The error code of RST_STREAM, or of GOAWAY, which names a stream before it. */
    int error() {
      return payload.getInt(type == GO_AWAY ? 4 : 0);
    }
  }
}
