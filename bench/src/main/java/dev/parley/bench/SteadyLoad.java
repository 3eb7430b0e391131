package dev.parley.bench;

import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * A load at a steady rate, of which {@code copies} come back to the receivers each time. Measured
 * from the scenario's thread.
 *
 * @param clients how many there are, for the table
 */
record SteadyLoad(
    Target target,
    Sessions sender,
    Sessions receiver,
    int clients,
    double perSecond,
    int copies,
    Pace.Act act) {

  static Table table(String clients, String rate) {
    return new Table(
        "server",
        clients,
        rate,
        "CPU µs each",
        "cores",
        "p50 ms",
        "p99 ms",
        "max ms",
        "lost",
        "doubled",
        "disordered",
        "ended");
  }

  /**
   * Warms up, then measures what the server spends and how late messages are; those that come after
   * the end still count as late, and what was lost, doubled or disordered counts from the start.
   */
  void measure(int warmUp, int seconds, Table table) throws Exception {
    Tally tally = receiver.tally();
    long begin = System.nanoTime();
    int count = (int) (perSecond * (warmUp + seconds));
    long expected = (long) count * copies;
    CompletableFuture<Void> sent = sender.pace(begin, perSecond, count, act);
    parkUntil(begin + warmUp * 1_000_000_000L);
    var _ = tally.takeLatency();
    long from = System.nanoTime();
    double cpu = target.cpuSeconds();
    long received = tally.received.sum();
    parkUntil(from + seconds * 1_000_000_000L);
    cpu = target.cpuSeconds() - cpu;
    received = tally.received.sum() - received;
    double measured = (System.nanoTime() - from) / 1e9;
    sent.get();
    receiver.await(() -> tally.received.sum() == expected);
    Histogram latency = tally.takeLatency();
    table.row(
        target.name(),
        String.format(Locale.ROOT, "%,d", clients),
        String.format(Locale.ROOT, "%,.0f", received / measured),
        String.format(Locale.ROOT, "%.1f", cpu * 1e6 / Math.max(1, received)),
        String.format(Locale.ROOT, "%.2f", cpu / measured),
        AppendsCommand.millis(latency, 50),
        AppendsCommand.millis(latency, 99),
        AppendsCommand.millis(latency, 100),
        Long.toString(expected - tally.received.sum()),
        tally.doubled.toString(),
        tally.disordered.toString(),
        tally.ended.toString());
  }

  private static void parkUntil(long nanos) {
    for (long now = System.nanoTime(); now < nanos; now = System.nanoTime()) {
      LockSupport.parkNanos(nanos - now);
    }
  }
}
