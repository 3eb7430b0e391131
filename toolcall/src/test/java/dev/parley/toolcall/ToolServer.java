package dev.parley.toolcall;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An application's server over bare sockets, so that it can misbehave in every way. */
final class ToolServer implements AutoCloseable {
  /** A request as it came. */
  record Asked(Map<String, String> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  /** What is done about one request; the connection is kept when it returns. */
  @FunctionalInterface
  interface Reaction {
    void to(Asked asked, Socket connection) throws IOException;
  }

  private final ServerSocket listening;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final List<Reaction> reactions;

  /**
   * @param reactions in order; the last one stays
   */
  ToolServer(Reaction... reactions) {
    this(0, reactions);
  }

  ToolServer(int port, Reaction... reactions) {
    this.reactions = List.of(reactions);
    try {
      listening = new ServerSocket(port, 1024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.startVirtualThread(this::accept);
  }

  static Reaction answer(int status, String json) {
    return answer(status, "", json);
  }

  /**
   * @param headers each ended by CRLF
   */
  static Reaction answer(int status, String headers, String json) {
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    return write(
        "HTTP/1.1 "
            + status
            + " Fine\r\n"
            + headers
            + "content-length: "
            + length
            + "\r\n\r\n"
            + json);
  }

  static Reaction write(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  static Reaction write(byte[] bytes) {
    return (_, connection) -> connection.getOutputStream().write(bytes);
  }

  static Reaction writeAndClose(String text) {
    return (asked, connection) -> {
      write(text).to(asked, connection);
      connection.close();
    };
  }

  /** Says something and then nothing, until the other side has gone. */
  static Reaction writeAndHang(String text) {
    return (asked, connection) -> {
      write(text).to(asked, connection);
      var _ = connection.getInputStream().readAllBytes();
    };
  }

  /** Says something again and again, until the other side has gone. */
  static Reaction writeEndlessly(String first, String more) {
    return (asked, connection) -> {
      write(first).to(asked, connection);
      byte[] chunk = more.repeat(1024).getBytes(StandardCharsets.UTF_8);
      while (true) {
        connection.getOutputStream().write(chunk);
      }
    };
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = listening.accept();
        accepted.incrementAndGet();
        connections.add(connection);
        Thread.startVirtualThread(() -> serve(connection));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      while (!connection.isClosed()) {
        String first = line(in);
        if (first.isEmpty()) {
          break;
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
          int colon = line.indexOf(':');
          headers.put(
              line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
        Asked one = new Asked(headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
        asked.add(one);
        int at = Math.min(next.getAndIncrement(), reactions.size() - 1);
        reactions.get(at).to(one, connection);
      }
    } catch (IOException gone) {
      return; // the other side has had enough
    } finally {
      connections.remove(connection);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  List<Asked> asked() {
    return asked;
  }

  /** Connections that are open at this end. */
  int open() {
    return connections.size();
  }

  int accepted() {
    return accepted.get();
  }

  int port() {
    return listening.getLocalPort();
  }

  URI uri() {
    return uri(port());
  }

  static URI uri(int port) {
    return URI.create("http://127.0.0.1:" + port + "/tools?key=also-secret");
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket each : connections) {
      each.close();
    }
  }
}
