package dev.parley.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** What connected Socket.IO clients cost that say nothing. */
@Command(
    name = "idle",
    description = "Socket.IO over WebSocket: process memory and CPU of connections at rest.")
final class IdleCommand implements Callable<Integer> {
  private static final int FEW = 500;

  @ParentCommand private Bench bench = new Bench();
  @Mixin private SocketIoRuns runs = new SocketIoRuns();

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "10000,19000",
      description = "Connections, each number on top of the one before (20,000 files are usual).")
  private List<Integer> connections = new ArrayList<>();

  @Option(names = "--seconds", defaultValue = "60", description = "Time measured, each.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    Table table =
        new Table(
            "server", "connections", "KB each", "resident MB", "heartbeats/s", "cores", "ended");
    runs.each(bench, target -> measure(target, table));
    bench
        .out()
        .printf(
            Locale.ROOT,
            "connections at rest for %d s after %d s; default settings, heaps sized by default%n",
            seconds,
            runs.warmUp());
    table.print(bench.out());
    return 0;
  }

  private void measure(Target target, Table table) throws Exception {
    int port = target.uri().getPort();
    // A few hundred come and go first, so that what the server sets up once is not charged to the
    // idle ones.
    try (Sessions few = new Sessions(port)) {
      few.connect(FEW, 1_000);
    }
    LockSupport.parkNanos(runs.warmUp() * 1_000_000_000L);
    long before = target.residentBytes();
    try (Sessions sessions = new Sessions(port)) {
      Tally tally = sessions.tally();
      for (int count : connections) {
        sessions.connect(count - tally.connected.intValue(), 1_000);
        LockSupport.parkNanos(runs.warmUp() * 1_000_000_000L);
        long idle = target.residentBytes() - before;
        double cpu = target.cpuSeconds();
        long heartbeats = tally.heartbeats.sum();
        LockSupport.parkNanos(seconds * 1_000_000_000L);
        cpu = target.cpuSeconds() - cpu;
        heartbeats = tally.heartbeats.sum() - heartbeats;
        table.row(
            target.name(),
            String.format(Locale.ROOT, "%,d", count),
            String.format(Locale.ROOT, "%.1f", idle / 1024.0 / count),
            String.format(Locale.ROOT, "%.0f", (before + idle) / 1048576.0),
            String.format(Locale.ROOT, "%.0f", heartbeats / (double) seconds),
            String.format(Locale.ROOT, "%.3f", cpu / seconds),
            tally.ended.toString());
      }
    }
  }
}
