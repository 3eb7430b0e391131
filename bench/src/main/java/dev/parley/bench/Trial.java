package dev.parley.bench;

import dev.parley.testkit.upstream.UpstreamProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;

/**
 * What the measurements of {@code turns} share. Each is made from the scenario's thread.
 *
 * @param modelLog what the model writes down about each request
 * @param warmUp seconds of the same load before those that count
 * @param seconds that count
 * @param onWarm is run when they begin
 */
record Trial(
    URI server,
    UpstreamProcess model,
    Path modelLog,
    ClientLoop clients,
    int warmUp,
    int seconds,
    Runnable onWarm,
    Table table) {
  /** The persona whose replies go on for as long as the scenario does. */
  static final String LONG = "long";

  /** The persona that takes a while to begin, and is brief. */
  static final String BRIEF = "brief";

  /** Words of a brief reply. */
  static final int BRIEF_WORDS = 30;

  /** The persona that writes what reads like an answer. */
  static final String PROSE = "prose";

  private static final long LONGEST = 60_000_000_000L;
  private static final long QUIET_NANOS = 10_000_000_000L;

  static Table newTable() {
    return new Table("from, to", "count", "p50 ms", "p99 ms", "max ms", "aim p99", "wrong");
  }

  /** Does something for the {@code index}-th time, and may block. */
  @FunctionalInterface
  interface Step {
    void run(int index) throws Exception;
  }

  /** How often something is done in the whole time. */
  int count(int perSecond) {
    return (warmUp + seconds) * perSecond;
  }

  /** Whether the {@code index}-th is after the warm-up. */
  boolean counts(int index, int perSecond) {
    return index >= warmUp * perSecond;
  }

  /** Takes the steps of the whole time at even intervals, one after the other. */
  void steadily(int perSecond, Step step) throws Exception {
    int first = warmUp * perSecond;
    long begin = System.nanoTime();
    for (int i = 0; i < count(perSecond); i++) {
      long due = begin + i * 1_000_000_000L / perSecond;
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      if (i == first) {
        onWarm.run();
      }
      step.run(i);
    }
  }

  /** Waits until it holds, for ten seconds at most. */
  void await(BooleanSupplier holds) {
    long begun = System.nanoTime();
    while (!holds.getAsBoolean() && System.nanoTime() - begun < QUIET_NANOS) {
      LockSupport.parkNanos(10_000_000);
    }
  }

  static Histogram histogram() {
    return new Histogram(LONGEST, 3);
  }

  static void record(Histogram histogram, long nanos) {
    histogram.recordValue(Math.clamp(nanos, 0, LONGEST));
  }

  /**
   * Adds a row.
   *
   * @param wrong what did not happen, or not as it should
   */
  void row(String what, Histogram nanos, String aim, Object wrong) {
    table.row(
        what,
        Long.toString(nanos.getTotalCount()),
        AppendsCommand.millis(nanos, 50),
        AppendsCommand.millis(nanos, 99),
        AppendsCommand.millis(nanos, 100),
        aim,
        wrong.toString());
  }
}
