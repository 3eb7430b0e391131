package dev.parley.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection on which bytes are sent and counted as they are. Confined to one thread. */
final class RawExchange implements AutoCloseable {
  private static final int SILENCE_MILLIS = 30_000;
  private static final int TEXT = 0x81; // FIN and opcode 1
  private static final int MASKED = 0x80;

  private final Socket socket;
  private final InputStream in;

  RawExchange(URI server) throws IOException {
    socket = new Socket(server.getHost(), server.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(SILENCE_MILLIS);
    in = socket.getInputStream();
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a short WebSocket text frame, masked with zeros (RFC 6455 §5.2). */
  void sendFrame(String text) throws IOException {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[6 + payload.length];
    frame[0] = (byte) TEXT;
    frame[1] = (byte) (MASKED | payload.length);
    System.arraycopy(payload, 0, frame, 6, payload.length);
    socket.getOutputStream().write(frame);
  }

  /**
   * Reads until {@code mark} is in what came.
   *
   * @return all that came since the last call, a character each byte
   */
  String readUntil(String mark) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    byte[] piece = new byte[64 << 10];
    while (!read.toString(StandardCharsets.ISO_8859_1).contains(mark)) {
      int count = in.read(piece);
      if (count < 0) {
        throw new EOFException("no " + mark + " in " + read.toString(StandardCharsets.UTF_8));
      }
      read.write(piece, 0, count);
    }
    return read.toString(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
