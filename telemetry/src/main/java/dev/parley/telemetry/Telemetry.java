package dev.parley.telemetry;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * The counters, latencies and gauges of one node. Any thread may write and read; whoever owns the
 * node calls {@link #tick} every {@value #TICK_SECONDS} seconds.
 */
public final class Telemetry {
  public static final int TICK_SECONDS = 2;
  private static final int WINDOW_TICKS = 5;

  private final Map<Counter, LongAdder> counters = new EnumMap<>(Counter.class);
  private final Map<Stage, StageLatency> stages = new EnumMap<>(Stage.class);
  private final List<Shown> shown = new CopyOnWriteArrayList<>();
  private final Map<Family, Map<Labels, Durations>> timed =
      new LinkedHashMap<>(); // guarded by itself
  private final Map<Stage, ThreadLocal<StageRecorder>> ofThread = new EnumMap<>(Stage.class);
  private final Deque<Counts> samples = new ArrayDeque<>(); // guarded by itself

  /** Values read when someone asks. */
  record Shown(Family family, Supplier<List<Sample>> samples) {}

  private record Counts(long nanos, Map<Counter, Long> values) {}

  public Telemetry() {
    for (Counter counter : Counter.values()) {
      counters.put(counter, new LongAdder());
    }
    for (Stage stage : Stage.values()) {
      StageLatency latency = new StageLatency();
      stages.put(stage, latency);
      ofThread.put(stage, ThreadLocal.withInitial(latency::newRecorder));
    }
  }

  public void add(Counter counter, long count) {
    of(counters, counter).add(count);
  }

  public long count(Counter counter) {
    return of(counters, counter).sum();
  }

  /** A recorder for one thread, which keeps it. */
  public StageRecorder newRecorder(Stage stage) {
    return of(stages, stage).newRecorder();
  }

  /** The calling thread's recorder; for threads that live as long as the node. */
  public StageRecorder recorder(Stage stage) {
    return of(ofThread, stage).get();
  }

  /** Percentiles of about the last ten seconds. */
  public Latency latency(Stage stage) {
    return of(stages, stage).recent();
  }

  /** Shows {@code value} under {@code name}; {@code unit} is what the name ends with, or empty. */
  public void gauge(String name, String unit, String help, DoubleSupplier value) {
    show(
        Family.gauge(name, unit, help),
        () -> List.of(new Sample(Labels.NONE, value.getAsDouble())));
  }

  /**
   * Shows a metric, none of whose name is shown yet.
   *
   * @param samples asked on any thread, whenever someone scrapes
   */
  public void show(Family family, Supplier<List<Sample>> samples) {
    shown.add(new Shown(family, samples));
  }

  /**
   * The histogram with these labels of a metric whose name ends with {@code _seconds}; made at
   * first use.
   */
  public Durations durations(String name, String help, Labels labels) {
    synchronized (timed) {
      return timed
          .computeIfAbsent(Family.histogram(name, help), _ -> new LinkedHashMap<>())
          .computeIfAbsent(labels, _ -> new Durations());
    }
  }

  /** Moves the window on. {@code nowNanos} comes from a clock that only goes forward. */
  public void tick(long nowNanos) {
    stages.values().forEach(StageLatency::tick);
    Map<Counter, Long> values = new EnumMap<>(Counter.class);
    counters.forEach((counter, adder) -> values.put(counter, adder.sum()));
    synchronized (samples) {
      samples.addLast(new Counts(nowNanos, values));
      if (samples.size() > WINDOW_TICKS) {
        samples.removeFirst();
      }
    }
  }

  /** How often a second something happened in about the last ten seconds. */
  public double perSecond(Counter counter, long nowNanos) {
    Counts oldest;
    synchronized (samples) {
      if (samples.isEmpty()) {
        return 0;
      }
      oldest = samples.getFirst();
    }
    double seconds = (nowNanos - oldest.nanos()) / 1e9;
    return seconds <= 0 ? 0 : (count(counter) - of(oldest.values(), counter)) / seconds;
  }

  /** Everything as text, in the format the {@code Accept} header of a scraper asks for. */
  public Exposition exposition(ExpositionFormat format) {
    Map<Family, Map<Labels, Durations>> histograms = new LinkedHashMap<>();
    synchronized (timed) {
      timed.forEach((family, byLabels) -> histograms.put(family, new LinkedHashMap<>(byLabels)));
    }
    return new Exposition(format, counters, stages, List.copyOf(shown), histograms);
  }

  private static <K, V> V of(Map<K, V> map, K key) {
    V value = map.get(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " (expected: one of " + map.keySet() + ")");
    }
    return value;
  }
}
