package dev.parley.bench;

import dev.parley.backend.rocksdb.RocksConfig;
import dev.parley.backend.rocksdb.RocksStore;
import dev.parley.stream.CreateResult;
import dev.parley.stream.Durability;
import dev.parley.stream.Payload;
import dev.parley.stream.Retention;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** What many idle streams cost: time to start, heap after collection. */
@Command(
    name = "streams",
    description =
        "Fills a data folder with idle streams, then starts a server on it: start-up time, heap after GC.")
final class StreamsCommand implements Callable<Integer> {
  @ParentCommand private Bench bench = new Bench();

  @Option(
      names = "--count",
      defaultValue = "1000000",
      description = "Streams of three messages each.")
  private int count;

  @Override
  public Integer call() throws Exception {
    try (Scratch scratch = new Scratch()) {
      long begun = System.nanoTime();
      fill(scratch.path());
      double filled = (System.nanoTime() - begun) / 1e9;
      try (Target target = Target.parley(bench.root(), scratch.path());
          Connection connection = new Connection(target.uri())) {
        String last = "/v1/stream/bench/many/" + (count - 1);
        int status = connection.exchange(connection.request("HEAD", last, "application/json", ""));
        double started = (System.nanoTime() - target.startNanos()) / 1e9;
        if (status != 200) {
          throw new IOException("HEAD " + last + ": " + status);
        }
        Table table =
            new Table(
                "streams",
                "filled in s",
                "first answer after s",
                "heap after GC MB",
                "resident MB");
        table.row(
            String.format(Locale.ROOT, "%,d", count),
            String.format(Locale.ROOT, "%.1f", filled),
            String.format(Locale.ROOT, "%.2f", started),
            String.format(Locale.ROOT, "%.1f", heapAfterCollection(target) / 1048576.0),
            String.format(Locale.ROOT, "%.1f", target.residentBytes() / 1048576.0));
        table.print(bench.out());
      }
    }
    return 0;
  }

  private void fill(Path data) throws Exception {
    StreamPolicy async =
        new StreamPolicy(
            Durability.ASYNC,
            Retention.FOREVER,
            StreamPolicy.DEFAULT_MAX_MESSAGE_BYTES,
            StreamPolicy.SlowFollower.LOSSLESS);
    PrintStream out = bench.out();
    try (Store store =
        RocksStore.open(
            RocksConfig.defaults(data), StreamPolicies.uniform(async), InstantSource.system())) {
      Payload payload =
          Payload.of("{\"text\":\"a message of an idle stream\"}".getBytes(StandardCharsets.UTF_8));
      StreamSpec spec =
          new StreamSpec(
              "application/json", -1, -1, false, null, List.of(payload, payload, payload));
      List<CompletableFuture<CreateResult>> group = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        group.add(store.create(StreamPath.of("bench/many/" + i), spec));
        if (group.size() == 1_000) {
          CompletableFuture.allOf(group.toArray(CompletableFuture[]::new)).join();
          group.clear();
          if ((i + 1) % 100_000 == 0) {
            out.printf(Locale.ROOT, "  %,d of %,d streams written%n", i + 1, count);
          }
        }
      }
      CompletableFuture.allOf(group.toArray(CompletableFuture[]::new)).join();
    }
  }

  /** Asks the server's JVM to collect, then for what its heap holds ({@code jcmd}). */
  private static long heapAfterCollection(Target target) throws IOException, InterruptedException {
    jcmd(target, "GC.run");
    String info = jcmd(target, "GC.heap_info");
    java.util.regex.Matcher used = java.util.regex.Pattern.compile("used (\\d+)K").matcher(info);
    if (!used.find()) {
      throw new IOException("no heap in: " + info);
    }
    return Long.parseLong(used.group(1)) * 1024;
  }

  private static String jcmd(Target target, String command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(target.pid()),
                command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
