package dev.parley.testkit.upstream;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The upstream in a process of its own, on this JVM's class path. Use from one thread. */
public final class UpstreamProcess implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(UpstreamProcess.class.getName());
  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s/]+:\\d+");

  private final Process process;
  private final URI uri;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private UpstreamProcess(Process process, URI uri) {
    this.process = process;
    this.uri = uri;
  }

  /** Starts it with the options of the command line and returns once it listens. */
  public static UpstreamProcess start(String... options) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                Upstream.class.getName()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output = process.inputReader();
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.append(line).append('\n');
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        Thread.ofPlatform().daemon().start(() -> skip(output)); // a pipe would hold a carrier
        return new UpstreamProcess(process, URI.create(address.group()));
      }
    }
    throw new IOException("the upstream ended before it listened:\n" + seen);
  }

  /** Where it listens, as in {@code http://127.0.0.1:8090}; the APIs are below {@code /v1}. */
  public URI uri() {
    return uri;
  }

  public long pid() {
    return process.pid();
  }

  /** The statistics, as JSON. */
  public String stats() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri.resolve("/stats")).build());
  }

  /** The last replies that were left, a line of JSON each. */
  public List<String> left() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri.resolve("/stats/left")).build()).lines().toList();
  }

  /** Counts anew. */
  public void resetStats() throws IOException, InterruptedException {
    URI reset = uri.resolve("/stats/reset");
    send(HttpRequest.newBuilder(reset).POST(HttpRequest.BodyPublishers.noBody()).build());
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  /** kill -9: its connections are reset or closed by the kernel. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    client.close();
    process.destroyForcibly();
  }

  /** Reads on, so that the process never waits for us. */
  private static void skip(BufferedReader output) {
    try (output) {
      while (output.readLine() != null) {}
    } catch (IOException ended) {
      LOG.log(System.Logger.Level.DEBUG, "the output ended", ended);
    }
  }
}
