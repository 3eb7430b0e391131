package dev.parley.bench;

import java.util.Locale;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** A storm of new Socket.IO connections. */
@Command(
    name = "connects",
    description = "Socket.IO over WebSocket: new connections, from TCP connect to CONNECT reply.")
final class ConnectsCommand implements Callable<Integer> {
  @ParentCommand private Bench bench = new Bench();
  @Mixin private SocketIoRuns runs = new SocketIoRuns();

  @Option(names = "--rate", defaultValue = "1000", description = "New connections a second.")
  private int rate;

  @Option(
      names = "--seconds",
      defaultValue = "15",
      description = "Time measured; these connections stay, those of the warm-up leave at once.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    Table table =
        new Table(
            "server", "connected", "failed", "ended", "p50 ms", "p99 ms", "max ms", "CPU µs each");
    runs.each(bench, target -> measure(target, table));
    bench
        .out()
        .printf(
            Locale.ROOT,
            "%,d new connections/s for %d s after %d s of warm-up, generator on the same cores%n",
            rate,
            seconds,
            runs.warmUp());
    table.print(bench.out());
    return 0;
  }

  private void measure(Target target, Table table) throws Exception {
    try (Sessions sessions = new Sessions(target.uri().getPort())) {
      Tally tally = sessions.tally();
      sessions.storm(rate * runs.warmUp(), rate, false);
      long before = tally.connected.sum();
      long failed = tally.failed.sum();
      var _ = tally.takeLatency();
      double cpu = target.cpuSeconds();
      sessions.storm(rate * seconds, rate, true);
      cpu = target.cpuSeconds() - cpu;
      Histogram latency = tally.takeLatency();
      long connected = tally.connected.sum() - before;
      table.row(
          target.name(),
          Long.toString(connected),
          Long.toString(tally.failed.sum() - failed),
          tally.ended.toString(),
          AppendsCommand.millis(latency, 50),
          AppendsCommand.millis(latency, 99),
          AppendsCommand.millis(latency, 100),
          String.format(Locale.ROOT, "%.0f", cpu * 1e6 / Math.max(1, connected)));
    }
  }
}
