package dev.parley.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server under load in a process of its own. Used from the scenario's thread. */
final class Target implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Target.class.getName());
  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s/]+:\\d+");
  private static final double TICKS_PER_SECOND = 100; // USER_HZ, fixed on Linux
  private static final long POLL_NANOS = 5_000_000;
  private static final long START_NANOS = 300_000_000_000L; // the launcher may build first
  private static final int KEPT_OUTPUT = 10_000;

  private final String name;
  private final Process process;
  private final URI uri;
  private final long startNanos;

  private Target(String name, Process process, URI uri, long startNanos) {
    this.name = name;
    this.process = process;
    this.uri = uri;
    this.startNanos = startNanos;
  }

  /** Ours, started as a user would. */
  static Target parley(Path root, Path data, String... settings) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                root.resolve("parley").toString(),
                "serve",
                "--port",
                "0",
                "--data",
                data.toString()));
    for (String setting : settings) {
      command.add("--set");
      command.add(setting);
    }
    return start("parley", command);
  }

  /**
   * npm {@code @durable-streams/server} on files, fetched into {@code bench/peer} the first time.
   */
  static Target peer(Path root, Path data) throws IOException, InterruptedException {
    Path folder = Peers.npm(root, "@durable-streams/server");
    return start(
        "@durable-streams/server",
        List.of("node", folder.resolve("peer.mjs").toString(), data.toString()));
  }

  private static Target start(String name, List<String> command) throws IOException {
    long begun = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader output = process.inputReader();
    StringBuilder seen = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      seen.append(line).append('\n');
      Matcher address = ADDRESS.matcher(line);
      if (address.find()) {
        Thread.ofPlatform().daemon().start(() -> skip(output)); // a pipe would hold a carrier
        return new Target(name, process, URI.create(address.group()), begun);
      }
    }
    throw new IOException(name + " ended before it listened:\n" + seen);
  }

  /** A server that is told its port, and is ready when it takes a connection there. */
  static Target onPort(String name, int port, List<String> command) throws IOException {
    long begun = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    StringWriter seen = new StringWriter();
    Thread.ofPlatform().daemon().start(() -> keepFirst(process.inputReader(), seen));
    while (!listens(port)) {
      if (!process.isAlive() || System.nanoTime() - begun > START_NANOS) {
        process.destroyForcibly();
        throw new IOException(name + " does not listen on " + port + ":\n" + seen);
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
    return new Target(name, process, URI.create("http://127.0.0.1:" + port), begun);
  }

  private static boolean listens(int port) {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (IOException refused) {
      LOG.log(System.Logger.Level.TRACE, "not yet", refused);
      return false;
    }
  }

  /**
   * Reads all output, so that the process never waits for us, and keeps what explains a failure.
   */
  private static void keepFirst(BufferedReader output, StringWriter seen) {
    try (output) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (seen.getBuffer().length() < KEPT_OUTPUT) {
          seen.append(line).append('\n');
        }
      }
    } catch (IOException ended) {
      LOG.log(System.Logger.Level.DEBUG, "the output ended", ended);
    }
  }

  /** Reads on, so that the process never waits for us; its end closes the pipe. */
  private static void skip(BufferedReader output) {
    try (output) {
      while (output.readLine() != null) {}
    } catch (IOException ended) {
      LOG.log(System.Logger.Level.DEBUG, "the output ended", ended);
    }
  }

  String name() {
    return name;
  }

  URI uri() {
    return uri;
  }

  long pid() {
    return process.pid();
  }

  /** When its process was started, by {@link System#nanoTime}. */
  long startNanos() {
    return startNanos;
  }

  /** User and system time so far, in seconds (proc_pid_stat(5), fields 14 and 15). */
  double cpuSeconds() throws IOException {
    return cpuSeconds(pid());
  }

  /** The same of another process. */
  static double cpuSeconds(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
  }

  /** Resident memory in bytes (proc_pid_status(5), VmRSS). */
  long residentBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    throw new IOException("no VmRSS for process " + pid());
  }

  /** Ends it with SIGKILL, and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
