package dev.parley.wire.socketio;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A client that reads only when told to: a WebSocket by hand (RFC 6455) over a socket with little
 * room. Owned by the test's thread.
 */
final class SlowSocket implements AutoCloseable {
  private static final int RECEIVE_BUFFER = 4 << 10;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final OutputStream out;

  SlowSocket(int port) throws IOException {
    socket.setReceiveBufferSize(RECEIVE_BUFFER);
    socket.setSoTimeout(60_000);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    out = socket.getOutputStream();
    String request =
        """
        GET /socket.io/?EIO=4&transport=websocket HTTP/1.1
        host: localhost
        connection: upgrade
        upgrade: websocket
        sec-websocket-version: 13
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==

        """;
    out.write(request.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 512));
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.readUnsignedByte());
    }
    if (!head.toString().startsWith("HTTP/1.1 101") || !read().startsWith("0{")) {
      throw new IOException(head.toString());
    }
  }

  /** A text message of at most 125 bytes, masked with zeros (§5.3). */
  void send(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    byte[] frame = new byte[6 + bytes.length];
    frame[0] = (byte) 0x81;
    frame[1] = (byte) (0x80 | bytes.length);
    System.arraycopy(bytes, 0, frame, 6, bytes.length);
    out.write(frame);
  }

  /** The next text message. */
  String read() throws IOException {
    while (true) {
      int first = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = (int) in.readLong();
      }
      byte[] payload = in.readNBytes(length);
      if ((first & 0x0f) == 8) {
        throw new EOFException("closed");
      }
      String text = new String(payload, StandardCharsets.UTF_8);
      if (!text.equals("2")) { // a heartbeat
        return text;
      }
    }
  }

  /** All messages until one that is wanted, with it. */
  List<String> readUntil(Predicate<String> wanted) throws IOException {
    List<String> read = new ArrayList<>();
    do {
      read.add(read());
    } while (!wanted.test(read.getLast()));
    return read;
  }

  /** All messages until the connection ends. */
  List<String> readToEnd() throws IOException {
    List<String> read = new ArrayList<>();
    try {
      while (true) {
        read.add(read());
      }
    } catch (EOFException | SocketException ended) {
      return read;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
