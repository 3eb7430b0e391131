package dev.parley.bench;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** One stream, many SSE followers: what arrives, how late, and what an idle follower costs. */
@Command(
    name = "fan-out",
    description =
        "Many SSE followers of one stream: loss, latency, memory per idle follower, CPU per delivery.")
final class FanOutCommand implements Callable<Integer> {
  @ParentCommand private Bench bench = new Bench();

  @Option(
      names = "--followers",
      defaultValue = "10000",
      description = "SSE followers (a file descriptor each, here and there).")
  private int followers;

  @Option(names = "--rate", defaultValue = "20", description = "Messages a second.")
  private int rate;

  @Option(names = "--seconds", defaultValue = "20", description = "Time measured.")
  private int seconds;

  @Option(names = "--peer", description = "Measure the peer as well.")
  private boolean peer;

  @Override
  public Integer call() throws Exception {
    Table table =
        new Table(
            "server",
            "followers",
            "KB each, idle",
            "expected",
            "received",
            "wrong",
            "ended",
            "p50 ms",
            "p99 ms",
            "max ms",
            "CPU µs/delivery");
    try (Scratch scratch = new Scratch();
        Target target = Target.parley(bench.root(), scratch.path())) {
      measure(target, table);
    }
    if (peer) {
      try (Scratch scratch = new Scratch();
          Target target = Target.peer(bench.root(), scratch.path())) {
        measure(target, table);
      }
    }
    PrintStream out = bench.out();
    out.printf(
        Locale.ROOT,
        "%d followers of one stream, %d messages/s for %d s, generator on the same cores%n",
        followers,
        rate,
        seconds);
    table.print(out);
    return 0;
  }

  private void measure(Target target, Table table) throws Exception {
    String path = "/v1/stream/bench/fan-out";
    try (Connection writer = new Connection(target.uri());
        Followers many = new Followers()) {
      AppendsCommand.create(writer, path);
      // A few hundred come and go first, so that what the server sets up once is not charged to the
      // idle ones.
      try (Followers few = new Followers()) {
        few.connect(target.uri(), path + "?offset=now&live=sse", Math.min(followers, 500));
      }
      LockSupport.parkNanos(2_000_000_000L);
      long before = target.residentBytes();
      many.connect(target.uri(), path + "?offset=now&live=sse", followers);
      LockSupport.parkNanos(3_000_000_000L);
      long idle = target.residentBytes() - before;
      many.start();
      double cpu = target.cpuSeconds();
      Publisher.publish(writer, path, rate * seconds, rate);
      cpu = target.cpuSeconds() - cpu;
      many.join();
      long expected = (long) rate * seconds * followers;
      table.row(
          target.name(),
          Integer.toString(followers),
          String.format(Locale.ROOT, "%.1f", idle / 1024.0 / followers),
          Long.toString(expected),
          Long.toString(many.received()),
          Long.toString(many.wrong()),
          Long.toString(many.ended()),
          AppendsCommand.millis(many.latency(), 50),
          AppendsCommand.millis(many.latency(), 99),
          AppendsCommand.millis(many.latency(), 100),
          String.format(Locale.ROOT, "%.2f", cpu * 1e6 / Math.max(1, many.received())));
    }
  }
}
