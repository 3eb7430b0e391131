package dev.parley.bench;

import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/** What the sessions of a pool saw. Written on the pool's loop, read from anywhere. */
final class Tally {
  private static final long LONGEST = 120_000_000_000L;

  /** Sessions that got their CONNECT reply, each time they do. */
  final LongAdder connected = new LongAdder();

  /** Those among them that came back as who they were. */
  final LongAdder recovered = new LongAdder();

  /** Connections that ended before that reply. */
  final LongAdder failed = new LongAdder();

  /** Connections that ended after it, other than by us. */
  final LongAdder ended = new LongAdder();

  /** Sessions that heard a probe, and so are in the room. */
  final LongAdder heard = new LongAdder();

  /** Messages, each counted once. */
  final LongAdder received = new LongAdder();

  final LongAdder doubled = new LongAdder();
  final LongAdder disordered = new LongAdder();
  final LongAdder heartbeats = new LongAdder();

  private final SingleWriterRecorder latency = new SingleWriterRecorder(LONGEST, 3);
  private volatile long lastNanos;
  private volatile @Nullable Throwable complaint;

  /** Notes how long after its due time something came. */
  void late(long dueNanos) {
    long now = System.nanoTime();
    latency.recordValue(Math.clamp(now - dueNanos, 0, LONGEST));
    lastNanos = now;
  }

  /** The latencies since the last call, in nanoseconds. */
  Histogram takeLatency() {
    return latency.getIntervalHistogram();
  }

  /** Keeps what ended a connection, the latest. */
  void complain(Throwable cause) {
    complaint = cause;
  }

  @Nullable Throwable complaint() {
    return complaint;
  }

  /** When something was noted last, by {@link System#nanoTime}. */
  long lastNanos() {
    return lastNanos;
  }
}
