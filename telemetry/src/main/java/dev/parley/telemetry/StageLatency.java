package dev.parley.telemetry;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Gathers one stage's recorders into a sliding window and a sum since the start. Guarded by its own
 * lock, which writers never take.
 */
final class StageLatency {
  private static final int SLOTS = 5; // of one tick each

  private final List<Source> sources = new ArrayList<>();
  private final List<Histogram> window = new ArrayList<>(SLOTS);
  private final Histogram sum = histogram();
  private int slot;

  /** One recorder and the histogram it swaps with. */
  private static final class Source {
    final StageRecorder recorder = new StageRecorder();
    @Nullable Histogram spare;
  }

  synchronized StageRecorder newRecorder() {
    Source source = new Source();
    sources.add(source);
    return source.recorder;
  }

  /** Closes the current slot of the window and opens the next. */
  synchronized void tick() {
    collect();
    slot = (slot + 1) % SLOTS;
    if (slot < window.size()) {
      window.get(slot).reset();
    }
  }

  synchronized Latency recent() {
    collect();
    Histogram all = histogram();
    window.forEach(all::add);
    if (all.getTotalCount() == 0) {
      return Latency.NONE;
    }
    return new Latency(
        micros(all, 50),
        micros(all, 90),
        micros(all, 99),
        micros(all, 99.9),
        all.getMaxValue() / 1_000.0,
        all.getTotalCount());
  }

  /** Everything since the start; a copy. */
  synchronized Histogram total() {
    collect();
    return sum.copy();
  }

  private void collect() {
    while (window.size() <= slot) {
      window.add(histogram());
    }
    for (Source source : sources) {
      Histogram interval = source.recorder.interval(source.spare);
      source.spare = interval;
      if (interval.getTotalCount() > 0) {
        window.get(slot).add(interval);
        sum.add(interval);
      }
    }
  }

  private static Histogram histogram() {
    Histogram histogram = new Histogram(1_000, StageRecorder.DIGITS);
    histogram.setAutoResize(true);
    return histogram;
  }

  private static double micros(Histogram histogram, double percentile) {
    return histogram.getValueAtPercentile(percentile) / 1_000.0;
  }
}
