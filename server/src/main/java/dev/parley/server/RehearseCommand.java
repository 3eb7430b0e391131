package dev.parley.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;

/**
 * Starts on an empty folder, serves a short load and stops, so that the JDK can note which classes
 * a start loads (JEP 514) and which methods are worth compiling (JEP 515). Each build runs it once.
 */
@Command(name = "rehearse", hidden = true, description = "Start and stop once.")
final class RehearseCommand implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger(RehearseCommand.class.getName());
  private static final int LOAD = 20_000; // enough for the compiler to take notice
  private static final long LOAD_NANOS = TimeUnit.SECONDS.toNanos(5);

  @Override
  public Integer call() throws IOException {
    Path folder = Files.createTempDirectory("parley-rehearsal");
    try (ParleyServer server =
        ParleyServer.builder()
            .port(0)
            .data(folder.resolve("data"))
            .socketIo(SocketRehearsal::setUp)
            .start()) {
      String stream = "/v1/stream/rehearsal";
      for (String request :
          List.of(
              request("GET", "/health/ready", ""),
              request("PUT", stream, ""),
              request("POST", stream, "[1]"),
              request("GET", stream + "?offset=-1", ""),
              request("GET", "/api/node", ""),
              request("GET", "/", ""))) {
        exchange(server.port(), request);
      }
      load(server.port(), stream);
      SocketRehearsal.run(server.port());
      server.drain();
    } finally {
      delete(folder);
    }
    return 0;
  }

  /** Appends and reads on one connection, while a follower hears of it on another. */
  private static void load(int port, String stream) throws IOException {
    try (Socket follower = new Socket(InetAddress.getLoopbackAddress(), port);
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      follower.getOutputStream().write(kept("GET", stream + "?offset=-1&live=sse", ""));
      Thread.ofVirtual()
          .start(() -> {
            try {
              follower.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
              LOG.log(System.Logger.Level.DEBUG, "the rehearsal is over", e);
            }
          });
      socket.setSoTimeout(5_000);
      byte[] append = kept("POST", stream, "{\"text\":\"rehearsal\"}");
      byte[] head = kept("HEAD", stream, "");
      long end = System.nanoTime() + LOAD_NANOS;
      for (int i = 0; i < LOAD && System.nanoTime() < end; i++) {
        socket.getOutputStream().write(i % 8 == 7 ? head : append);
        skipHead(socket.getInputStream());
      }
    }
  }

  private static byte[] kept(String method, String target, String body) {
    return request(method, target, body)
        .replace("connection: close\r\n", "")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads up to the empty line that ends an answer without a body. */
  static void skipHead(InputStream in) throws IOException {
    for (int matched = 0; matched < 4; ) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the server closed the connection");
      }
      matched = b == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : 0;
    }
  }

  private static String request(String method, String target, String body) {
    return method
        + " "
        + target
        + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type:"
        + " application/json\r\ncontent-length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static void exchange(int port, String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
