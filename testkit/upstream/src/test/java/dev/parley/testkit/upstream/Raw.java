package dev.parley.testkit.upstream;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A plain socket that speaks HTTP/1.1 by hand. Owned by the test's thread. */
final class Raw implements AutoCloseable {
  final Socket socket;
  private final InputStream in;

  Raw(InetSocketAddress server) throws IOException {
    socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout(20_000);
    in = socket.getInputStream();
  }

  Raw post(String path, String body) throws IOException {
    return send("POST", path, body);
  }

  Raw get(String path) throws IOException {
    return send("GET", path, "");
  }

  private Raw send(String method, String path, String body) throws IOException {
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\nhost: upstream\r\nauthorization: Bearer sk-secret\r\ncontent-length: "
            + content.length
            + "\r\n\r\n";
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** One whole answer. */
  Answer read() throws IOException {
    Answer head = head();
    if ("chunked".equals(head.headers.get("transfer-encoding"))) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      chunks().forEach(body::writeBytes);
      return new Answer(head.status, head.headers, body.toString(StandardCharsets.UTF_8));
    }
    int length = Integer.parseInt(head.headers.getOrDefault("content-length", "0"));
    String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
    return new Answer(head.status, head.headers, body);
  }

  Answer head() throws IOException {
    int status = Integer.parseInt(line().split(" ", 3)[1]);
    Map<String, String> headers = new TreeMap<>();
    for (String header = line(); !header.isEmpty(); header = line()) {
      int colon = header.indexOf(':');
      headers.put(
          header.substring(0, colon).toLowerCase(Locale.ROOT), header.substring(colon + 1).strip());
    }
    return new Answer(status, headers, "");
  }

  /** The chunks up to the last, or to the end of what arrives. */
  List<byte[]> chunks() throws IOException {
    List<byte[]> chunks = new ArrayList<>();
    for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
      chunks.add(chunk);
    }
    return chunks;
  }

  byte[] chunk() throws IOException {
    int size = Integer.parseInt(line(), 16);
    byte[] chunk = in.readNBytes(size);
    line();
    return chunk;
  }

  /** Everything until the connection ends. */
  Rest rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    boolean reset = false;
    try {
      in.transferTo(all);
    } catch (java.net.SocketException e) {
      reset = true;
    }
    return new Rest(all.toString(StandardCharsets.UTF_8), reset);
  }

  byte[] bytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("closed after: " + line.toString(StandardCharsets.UTF_8));
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  record Answer(int status, Map<String, String> headers, String body) {
    /** What its events carry, in order. */
    List<String> data() {
      return body.lines()
          .filter(line -> line.startsWith("data: "))
          .map(line -> line.substring(6))
          .toList();
    }
  }

  record Rest(String text, boolean reset) {}
}
