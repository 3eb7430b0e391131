package dev.parley.backend.rocksdb;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A process that writes until it is killed: producers with a stream each and one they share, who
 * retry what they do not know to be stored. Says what was acknowledged, one line each.
 */
final class CrashWriter {
  static final int PRODUCERS = 4;
  static final StreamPath SHARED = StreamPath.of("crash/shared");

  private CrashWriter() {}

  static StreamPath own(int producer) {
    return StreamPath.of("crash/own" + producer);
  }

  static String producerOf(String payload) {
    return payload.substring(0, payload.indexOf(':'));
  }

  static long seqOf(String payload) {
    return Long.parseLong(payload.substring(payload.indexOf(':') + 1, payload.indexOf(';')));
  }

  static String text(Message message) {
    return new String(message.bytes(), StandardCharsets.UTF_8);
  }

  static RocksStore open(Path folder) {
    return RocksStore.open(
        RocksConfig.defaults(folder),
        StreamPolicies.uniform(StreamPolicy.DEFAULT),
        InstantSource.system());
  }

  /** The highest sequence of each producer of a stream. */
  static Map<String, Long> stored(RocksStore store, StreamPath path) {
    Map<String, Long> last = new HashMap<>();
    store
        .read(path, 0, Integer.MAX_VALUE, Integer.MAX_VALUE)
        .join()
        .orElseThrow()
        .messages()
        .forEach(m -> last.put(producerOf(text(m)), seqOf(text(m))));
    return last;
  }

  public static void main(String[] args) throws InterruptedException {
    Random random = new Random(Long.parseLong(args[1]));
    RocksStore store = open(Path.of(args[0]));
    store.create(SHARED, StreamSpec.of("text/plain")).join();
    List<Thread> threads = new ArrayList<>();
    for (int producer = 0; producer < PRODUCERS; producer++) {
      store.create(own(producer), StreamSpec.of("text/plain")).join();
      for (StreamPath path : List.of(SHARED, own(producer))) {
        String id = "p" + producer;
        // As if the last acknowledgement had not arrived.
        long from = stored(store, path).getOrDefault(id, 0L);
        int size = random.nextInt(2000);
        threads.add(Thread.ofPlatform().start(() -> write(store, path, id, from, size)));
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static void write(RocksStore store, StreamPath path, String id, long from, int size) {
    for (long seq = from; ; seq++) {
      byte[] payload = (id + ":" + seq + ";" + "x".repeat(size)).getBytes(StandardCharsets.UTF_8);
      ProducerStamp stamp = new ProducerStamp(id, 0, seq);
      AppendResult result =
          store
              .append(path, new Append(List.of(Payload.of(payload)), null, stamp, null, -1, false))
              .join();
      boolean accepted =
          result instanceof AppendResult.Appended
              || (seq == from && result instanceof AppendResult.Duplicate);
      System.out.println(
          (accepted ? "ok " : "refused " + result + " ") + path + " " + id + " " + seq);
    }
  }

  static Child start(Path folder, long seed) throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CrashWriter.class.getName(),
                folder.toString(),
                Long.toString(seed))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new Child(process);
  }

  /** The running process, and what it said. */
  static final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;
    private final List<String> acknowledged = new ArrayList<>();

    Child(Process process) {
      this.process = process;
      this.lines =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    long pid() {
      return process.pid();
    }

    void awaitAcknowledged(int count) throws IOException {
      while (acknowledged.size() < count) {
        take(lines.readLine());
      }
    }

    private void take(@org.jspecify.annotations.Nullable String line) {
      if (line == null || !line.startsWith("ok ")) {
        throw new AssertionError("the writer said: " + line);
      }
      acknowledged.add(line);
    }

    /** Kills it, and returns all it had been told was stored. */
    List<String> kill() throws IOException {
      process.toHandle().destroyForcibly(); // SIGKILL; by the handle, which leaves its output open
      process.onExit().join();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.matches("ok \\S+ p\\d+ \\d+")) { // the last line may be torn
          take(line);
        }
      }
      return acknowledged;
    }

    @Override
    public void close() throws IOException {
      kill();
      lines.close();
    }
  }
}
