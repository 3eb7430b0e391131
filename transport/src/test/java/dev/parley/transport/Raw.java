package dev.parley.transport;

import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A plain socket that speaks HTTP/1.1 by hand. Owned by the test's thread. */
final class Raw implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  Raw(InetSocketAddress server) throws IOException {
    this(new Socket(server.getAddress(), server.getPort()));
  }

  Raw(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(10_000);
    this.in = socket.getInputStream();
  }

  /**
   * A client whose kernel holds little for it, so that the server soon feels that nothing is read.
   */
  static Raw withSmallReceiveBuffer(InetSocketAddress server) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(server);
    return new Raw(socket);
  }

  Raw send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  Raw send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    return this;
  }

  /** One answer with the body its headers announce. */
  Answer read() throws IOException {
    return read(false);
  }

  Answer read(boolean head) throws IOException {
    Answer start = readHead();
    String body = "";
    if ("chunked".equals(start.headers.get("transfer-encoding"))) {
      body = readChunks();
    } else if (start.headers.containsKey("content-length") && !head) {
      body =
          new String(
              in.readNBytes(Integer.parseInt(start.headers.getOrDefault("content-length", "0"))),
              StandardCharsets.UTF_8);
    }
    return new Answer(start.status, start.headers, body);
  }

  Answer readHead() throws IOException {
    String line = readLine();
    int status = Integer.parseInt(line.split(" ", 3)[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String header = readLine(); !header.isEmpty(); header = readLine()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    return new Answer(status, headers, "");
  }

  String readChunk() throws IOException {
    int size = Integer.parseInt(readLine(), 16);
    String chunk = new String(in.readNBytes(size), StandardCharsets.UTF_8);
    readLine();
    return chunk;
  }

  private String readChunks() throws IOException {
    StringBuilder body = new StringBuilder();
    for (String chunk = readChunk(); !chunk.isEmpty(); chunk = readChunk()) {
      body.append(chunk);
    }
    return body.toString();
  }

  /** The types of the next HTTP/2 frames (RFC 9113 §4.1). */
  String readFrameTypes(int count) throws IOException {
    StringBuilder types = new StringBuilder();
    for (int i = 0; i < count; i++) {
      byte[] head = in.readNBytes(9);
      types.append(head[3]);
      in.skipNBytes((head[0] & 255) << 16 | (head[1] & 255) << 8 | (head[2] & 255));
    }
    return types.toString();
  }

  Frames.Frame readFrame() throws IOException {
    DataInputStream frame = new DataInputStream(in);
    int length = frame.readUnsignedByte() << 16 | frame.readUnsignedShort();
    int type = frame.readUnsignedByte();
    frame.readUnsignedByte(); // flags
    int stream = frame.readInt() & Integer.MAX_VALUE;
    return new Frames.Frame(type, stream, Unpooled.wrappedBuffer(frame.readNBytes(length)));
  }

  /** Everything until the server closes; a reset counts as that. */
  String readAll() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      in.transferTo(all);
    } catch (java.net.SocketException reset) {
      // whatever came before it counts
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  byte[] readBytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  /** Says that nothing more will be sent, and goes on reading. */
  void finishSending() throws IOException {
    socket.shutdownOutput();
  }

  boolean hasInput() throws IOException {
    return in.available() > 0;
  }

  boolean atEnd() throws IOException {
    return in.read() < 0;
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("server closed after: " + line.toString(StandardCharsets.UTF_8));
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  /** Closes early. */
  void hangUp() throws IOException {
    socket.close();
  }

  @Override
  public void close() throws IOException {
    hangUp();
  }

  record Answer(int status, Map<String, String> headers, String body) {}
}
