package dev.parley.testkit.websocket;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The client's end of one connection, which holds the server to what a server may send. Owned by
 * the test's thread.
 */
final class Peer implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;

  private final Socket socket;
  private final DataInputStream in;
  private boolean deflates;

  Peer(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** A peer with a session of Engine.IO. */
  static Peer connected(int port, Handshake request) throws IOException {
    Peer peer = new Peer(port);
    peer.send(request.bytes());
    String answer = peer.readAnswer();
    if (!answer.startsWith("101")) {
      throw new IOException("handshake: " + answer + " (expected: 101)");
    }
    peer.readOpen();
    return peer;
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** The answer to a handshake, in the words of {@link Opening#answer}. */
  String readAnswer() throws IOException {
    String status = readLine().split(" ", 3)[1];
    Map<String, String> headers = new HashMap<>();
    for (String line = readLine(); !line.isEmpty(); line = readLine()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    if (status.equals("426")) {
      return status + " version " + headers.getOrDefault("sec-websocket-version", "none");
    }
    if (!status.equals("101")) {
      return status;
    }
    expect("accept", headers.getOrDefault("sec-websocket-accept", "none"), Handshake.ACCEPT);
    expect("upgrade", headers.getOrDefault("upgrade", "none"), "websocket");
    expect("subprotocol", headers.containsKey("sec-websocket-protocol"), false);
    String extensions = headers.getOrDefault("sec-websocket-extensions", "");
    deflates = !extensions.isEmpty();
    return (status + " " + extensions).strip();
  }

  /** The first packet of a session (Engine.IO 4, "Handshake"). */
  void readOpen() throws IOException {
    Frame first = read(in.readUnsignedByte());
    expect("opcode", first.opcode(), Sent.TEXT);
    expect("first byte", (char) first.payload()[0], '0');
  }

  /** The next frame, in the words of {@link Heard}. */
  String hear() throws IOException {
    int first = in.read();
    if (first < 0) {
      return Heard.END;
    }
    Frame frame = read(first);
    String words = Heard.frame(frame.opcode(), frame.payload());
    return frame.compressed() ? Heard.compressed(words) : words;
  }

  private Frame read(int first) throws IOException {
    boolean compressed = (first & Sent.RSV1) != 0;
    expect("bits", first & ~Sent.RSV1 & 0xF0, Sent.FIN);
    expect("compressed frame", compressed && !deflates, false);
    int size = in.readUnsignedByte();
    expect("mask", size >> 7, 0);
    if (size == 126) {
      size = in.readUnsignedShort();
      expect("length is the shortest", size >= 126, true);
    } else if (size == 127) {
      size = Math.toIntExact(in.readLong());
      expect("length is the shortest", size >= 1 << 16, true);
    }
    byte[] payload = new byte[size];
    in.readFully(payload);
    return new Frame(first & 15, compressed, compressed ? inflate(payload) : payload);
  }

  /** Each message by itself: no context is taken over. */
  private static byte[] inflate(byte[] compressed) throws IOException {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(Sent.all(compressed, Sent.hex("0000ffff")));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] piece = new byte[8192];
      for (int read = inflater.inflate(piece); read > 0; read = inflater.inflate(piece)) {
        out.write(piece, 0, read);
      }
      return out.toByteArray();
    } catch (DataFormatException wrong) {
      throw new IOException(wrong);
    } finally {
      inflater.end();
    }
  }

  private static void expect(String what, Object found, Object expected) {
    if (!expected.equals(found)) {
      throw new AssertionError(what + ": " + found + " (expected: " + expected + ")");
    }
  }

  private String readLine() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
      line.write(b);
    }
    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Frame(int opcode, boolean compressed, byte[] payload) {}
}
