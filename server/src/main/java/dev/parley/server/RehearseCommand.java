package dev.parley.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Starts on an empty folder, answers a few requests and stops, so that the JDK can note which
 * classes a start loads (JEP 514). The launcher runs it once after a build.
 */
@Command(name = "rehearse", hidden = true, description = "Start and stop once.")
final class RehearseCommand implements Callable<Integer> {
  @Override
  public Integer call() throws IOException {
    Path folder = Files.createTempDirectory("parley-rehearsal");
    try (ParleyServer server =
        ParleyServer.start(
            Configuration.load(
                    null,
                    java.util.Map.of(),
                    List.of(
                        new Setting("transport.port", "0", "rehearsal"),
                        new Setting(
                            "rocksdb.folder", folder.resolve("data").toString(), "rehearsal")))
                .config())) {
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
      server.drain();
    } finally {
      delete(folder);
    }
    return 0;
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
      in.transferTo(java.io.OutputStream.nullOutputStream());
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
