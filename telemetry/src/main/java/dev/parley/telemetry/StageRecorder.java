package dev.parley.telemetry;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/** Takes the latencies of one stage from one thread: a wait-free write into its own histogram. */
public final class StageRecorder {
  static final long HIGHEST_NANOS = 60_000_000_000L;
  static final int DIGITS = 2;

  private final SingleWriterRecorder recorder = new SingleWriterRecorder(HIGHEST_NANOS, DIGITS);

  StageRecorder() {}

  /** One thread only. Latencies over a minute count as a minute, those below 0 as 0. */
  public void record(long nanos) {
    recorder.recordValue(Math.clamp(nanos, 0, HIGHEST_NANOS));
  }

  /** A batch that shares one reading of the clock. */
  public void record(long nanos, long count) {
    recorder.recordValueWithCount(Math.clamp(nanos, 0, HIGHEST_NANOS), count);
  }

  /** What came since the last call. {@code recycled} is what it returned then. */
  Histogram interval(@org.jspecify.annotations.Nullable Histogram recycled) {
    return recorder.getIntervalHistogram(recycled);
  }
}
