package dev.parley.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Durable appends from many writers, and how long each takes to reach a follower. */
@Command(
    name = "appends",
    description =
        "Durable appends from concurrent writers, then append to SSE follower; ours and the peer in turn.")
final class AppendsCommand implements Callable<Integer> {
  @ParentCommand private Bench bench = new Bench();

  @Option(
      names = "--writers",
      defaultValue = "64",
      description = "Concurrent writers, a connection and a stream each.")
  private int writers;

  @Option(names = "--seconds", defaultValue = "10", description = "Time measured.")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description =
          "Seconds of the same load before it, for either server: both compile what they run.")
  private int warmUp;

  @Option(
      names = "--rounds",
      defaultValue = "2",
      description = "How often ours and the peer are measured in turn.")
  private int rounds;

  @Option(names = "--no-peer", description = "Measure ours alone.")
  private boolean noPeer;

  @Override
  public Integer call() throws Exception {
    Table table =
        new Table(
            "server",
            "appends/s",
            "p50 ms",
            "p99 ms",
            "CPU µs each",
            "follow p50 ms",
            "follow p99 ms",
            "wrong");
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      try (Scratch scratch = new Scratch();
          Target target = Target.parley(bench.root(), scratch.path())) {
        ours.add(measure(target, table));
      }
      if (!noPeer) {
        try (Scratch scratch = new Scratch();
            Target target = Target.peer(bench.root(), scratch.path())) {
          theirs.add(measure(target, table));
        }
      }
    }
    PrintStream out = bench.out();
    out.printf(
        Locale.ROOT,
        "%d writers, 118-byte JSON, %d s each after %d s of warm-up, generator on the same cores%n",
        writers,
        seconds,
        warmUp);
    table.print(out);
    if (!theirs.isEmpty()) {
      out.printf(Locale.ROOT, "ratio of appends/s, ours to theirs, pair by pair:");
      for (int i = 0; i < ours.size(); i++) {
        out.printf(Locale.ROOT, " %.1f", ours.get(i) / theirs.get(i));
      }
      out.println();
    }
    return 0;
  }

  private double measure(Target target, Table table) throws Exception {
    String run = "/v1/stream/bench/" + Long.toString(System.nanoTime(), 36);
    try (Writers load = writers(target, run)) {
      var _ = load.run(System.nanoTime() + warmUp * 1_000_000_000L);
      double cpu = target.cpuSeconds();
      Histogram appends = load.run(System.nanoTime() + seconds * 1_000_000_000L);
      cpu = target.cpuSeconds() - cpu;
      Histogram followed = new Histogram(60_000_000_000L, 3);
      long wrong = follow(target, run, followed);
      double rate = appends.getTotalCount() / (double) seconds;
      table.row(
          target.name(),
          String.format(Locale.ROOT, "%,.0f", rate),
          millis(appends, 50),
          millis(appends, 99),
          String.format(Locale.ROOT, "%.0f", cpu * 1e6 / appends.getTotalCount()),
          millis(followed, 50),
          millis(followed, 99),
          Long.toString(wrong));
      return rate;
    }
  }

  private Writers writers(Target target, String run) throws IOException {
    Writers load = new Writers();
    String body = "{\"text\":\"" + "x".repeat(107) + "\"}";
    try (Connection connection = new Connection(target.uri())) {
      for (int i = 0; i < writers; i++) {
        String path = run + "/" + i;
        create(connection, path);
        load.add(target.uri(), connection.request("POST", path, "application/json", body));
      }
    }
    return load;
  }

  /**
   * One follower, one writer at 200 messages a second: what an append takes to be seen, after a
   * warm-up.
   *
   * @return how many messages were lost, repeated or out of order
   */
  private long follow(Target target, String run, Histogram into) throws Exception {
    long wrong = followed(target, run + "/warm-up", 200 * warmUp, new Histogram(into));
    return wrong + followed(target, run + "/followed", 1_000, into);
  }

  private static long followed(Target target, String path, int count, Histogram into)
      throws Exception {
    try (Connection writer = new Connection(target.uri());
        Followers followers = new Followers()) {
      create(writer, path);
      followers.connect(target.uri(), path + "?offset=-1&live=sse", 1);
      followers.start();
      Publisher.publish(writer, path, count, 200);
      followers.join();
      into.add(followers.latency());
      return followers.wrong() + count - followers.received();
    }
  }

  static void create(Connection connection, String path) throws IOException {
    int status = connection.exchange(connection.request("PUT", path, "application/json", ""));
    if (status != 201 && status != 200) {
      throw new IOException("create " + path + ": " + status);
    }
  }

  static String millis(Histogram nanos, double percentile) {
    return String.format(Locale.ROOT, "%.2f", nanos.getValueAtPercentile(percentile) / 1e6);
  }
}
