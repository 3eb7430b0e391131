package dev.parley.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real server in a process of its own, on this JVM's class path, so that it can be killed. Use
 * from one thread.
 */
public final class ServerProcess implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s/]+:\\d+");

  private static final int MOST_LINES = 100_000;

  private final Process process;
  private final URI uri;
  private final Queue<String> lines;

  private ServerProcess(Process process, URI uri, Queue<String> lines) {
    this.process = process;
    this.uri = uri;
    this.lines = lines;
  }

  /**
   * Starts {@code serve} and returns once it printed its address.
   *
   * @param port 0 for any
   * @param settings each a {@code key=value} of the configuration
   */
  public static ServerProcess start(Path data, int port, String... settings) throws IOException {
    Process process = launch(data, port, settings);
    BufferedReader output = process.inputReader();
    Queue<String> lines = new LinkedBlockingQueue<>(MOST_LINES);
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        URI uri = URI.create(address.group());
        Thread.ofPlatform().daemon().start(() -> drain(output, lines)); // a pipe holds a carrier
        return new ServerProcess(process, uri, lines);
      }
    }
    throw new IOException("the server ended before it listened:\n" + String.join("\n", lines));
  }

  /**
   * Runs {@code serve} where it is expected to refuse, until it ends.
   *
   * @throws IllegalStateException when it runs on
   */
  public static Refusal refused(Path data, int port, String... settings)
      throws IOException, InterruptedException {
    Process process = launch(data, port, settings);
    StringBuilder output = new StringBuilder();
    Thread reader =
        Thread.ofPlatform()
            .daemon()
            .start(() ->
                process.inputReader().lines().forEach(line -> output.append(line).append('\n')));
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      reader.join();
      throw new IllegalStateException("the server did not refuse:\n" + output);
    }
    reader.join();
    return new Refusal(process.exitValue(), output.toString());
  }

  /** How a server ended that would not start. */
  public record Refusal(int exitCode, String output) {}

  private static Process launch(Path data, int port, String... settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.parley.server.Main",
                "serve",
                "--port",
                Integer.toString(port),
                "--data",
                data.toString()));
    for (String setting : settings) {
      command.add("--set");
      command.add(setting);
    }
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** A port nobody listens on at this moment. */
  public static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    }
  }

  /** Where it listens, as in {@code http://localhost:8080}. */
  public URI uri() {
    return uri;
  }

  public long pid() {
    return process.pid();
  }

  /** What it has printed and logged so far, but for what went beyond the first 100,000 lines. */
  public String output() {
    return String.join("\n", lines);
  }

  /** kill -9: no handler runs, nothing is flushed. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** SIGTERM; returns the exit code. */
  public int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IllegalStateException("the server did not drain within 30 s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Reads on, so that the server never waits for us. */
  private static void drain(BufferedReader output, Queue<String> lines) {
    try {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        var _ = lines.offer(line);
      }
    } catch (IOException closed) {
      if (!"Stream closed".equals(closed.getMessage())) {
        throw new UncheckedIOException(closed);
      }
    }
  }
}
