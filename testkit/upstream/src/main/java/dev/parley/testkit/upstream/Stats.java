package dev.parley.testkit.upstream;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** What happened since the start or the last reset. Its methods are for any thread. */
final class Stats {
  private static final int KEPT = 1 << 14;

  /**
   * A reply that its client left.
   *
   * @param atNanos when, by {@link System#nanoTime}
   * @param sinceLastWriteNanos before it; -1 when nothing had been written
   */
  record Left(
      String id, String tag, String user, int tokens, long atNanos, long sinceLastWriteNanos) {
    private String json() {
      return String.format(
          Locale.ROOT,
          """
          {"id":"%s","tag":%s,"user":%s,"tokens":%d,"atNanos":%d,"sinceLastWriteNanos":%d}\
          """,
          id,
          Json.quote(tag),
          Json.quote(user),
          tokens,
          atNanos,
          sinceLastWriteNanos);
    }
  }

  final LongAdder opened = new LongAdder();
  final LongAdder open = new LongAdder();
  final LongAdder requests = new LongAdder();
  final LongAdder reused = new LongAdder();
  final LongAdder running = new LongAdder();
  final LongAdder finished = new LongAdder();
  final LongAdder faulted = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder tokens = new LongAdder();
  final LongAdder held = new LongAdder();
  final LongAdder redirectsFollowed = new LongAdder();
  private final Left[] left = new Left[KEPT];
  private long leftCount;

  synchronized void onLeft(Left reply) {
    left[(int) (leftCount++ % KEPT)] = reply;
  }

  /** Begins to count anew; what is open or running stays counted. */
  synchronized void reset() {
    leftCount = 0;
    for (LongAdder counter :
        new LongAdder[] {
          opened, requests, reused, finished, faulted, refused, tokens, held, redirectsFollowed
        }) {
      counter.reset();
    }
  }

  String json() {
    long[] waits;
    long count;
    synchronized (this) {
      count = leftCount;
      waits =
          Arrays.stream(left, 0, (int) Math.min(count, KEPT))
              .mapToLong(Left::sinceLastWriteNanos)
              .filter(nanos -> nanos >= 0)
              .sorted()
              .toArray();
    }
    return String.format(
        Locale.ROOT,
        """
        {"nanoTime":%d,"connections":{"opened":%d,"open":%d},"requests":%d,"reused":%d,\
        "replies":{"running":%d,"finished":%d,"faulted":%d,"refused":%d,"closedByClient":%d},\
        "sinceLastWriteNanos":{"p50":%d,"p99":%d,"max":%d},"tokens":%d,"held":%d,"redirectsFollowed":%d}
        """,
        System.nanoTime(),
        opened.sum(),
        open.sum(),
        requests.sum(),
        reused.sum(),
        running.sum(),
        finished.sum(),
        faulted.sum(),
        refused.sum(),
        count,
        quantile(waits, 0.5),
        quantile(waits, 0.99),
        quantile(waits, 1),
        tokens.sum(),
        held.sum(),
        redirectsFollowed.sum());
  }

  private static long quantile(long[] sorted, double share) {
    return sorted.length == 0 ? -1 : sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  /** The last replies that were left, a line each, oldest first. */
  synchronized String leftLines() {
    StringBuilder lines = new StringBuilder();
    for (long i = Math.max(0, leftCount - KEPT); i < leftCount; i++) {
      lines.append(left[(int) (i % KEPT)].json()).append('\n');
    }
    return lines.toString();
  }
}
