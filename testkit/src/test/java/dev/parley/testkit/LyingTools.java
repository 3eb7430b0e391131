package dev.parley.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A backend of tools that answers each as badly as the tool's name says. A thread a connection. */
final class LyingTools implements AutoCloseable {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
  private static final String CHUNK = "10000\r\n" + "7".repeat(0x10000) + "\r\n";
  private static final Map<String, String> ANSWERS =
      Map.ofEntries(
          Map.entry("honest", whole("{\"sky\":\"blue\"}")),
          Map.entry("another-call", whole("{\"call\":\"another\",\"result\":\"its\"}")),
          Map.entry("half-json", whole("{\"sky\":")),
          Map.entry("html", whole("<html><h1>It works!</h1></html>")),
          Map.entry("broken", "HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"),
          Map.entry("refuses", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
          Map.entry("redirects", "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n"),
          Map.entry("no-status", "HTTP/1.1 99999 What\r\ncontent-length: 0\r\n\r\n"),
          Map.entry("no-http", "220 mail.example ESMTP\r\n\r\n"),
          Map.entry("too-short", OK + "content-length: 100\r\n\r\n{}"),
          Map.entry("announced", OK + "content-length: 1073741824\r\n\r\n{"),
          Map.entry("endless", OK + "transfer-encoding: chunked\r\n\r\n"),
          Map.entry("later", "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"));

  private final ServerSocket listener;

  LyingTools() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  private static String whole(String body) {
    return OK + "content-length: " + body.length() + "\r\n\r\n" + body;
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/tools");
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private static void serve(Socket client) {
    try (client;
        InputStream in = new BufferedInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream()) {
      String tool = JsonMapper.shared().readTree(body(in)).path("name").asString();
      String answer = ANSWERS.get(tool);
      if (answer == null) { // "hangs"
        in.transferTo(OutputStream.nullOutputStream());
        return;
      }
      out.write(answer.getBytes(StandardCharsets.US_ASCII));
      byte[] chunk = CHUNK.getBytes(StandardCharsets.US_ASCII);
      while (tool.equals("endless")) {
        out.write(chunk);
      }
    } catch (IOException gone) {
      return; // who is lied to may leave
    }
  }

  private static byte[] body(InputStream in) throws IOException {
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String header = line.toLowerCase(Locale.ROOT);
      if (header.startsWith("content-length:")) {
        length = Integer.parseInt(header.substring(header.indexOf(':') + 1).strip());
      }
    }
    return in.readNBytes(length);
  }

  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n' && b >= 0; b = in.read()) {
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
