package dev.parley.telemetry;

/** Percentiles of one stage over the last seconds, in microseconds. */
public record Latency(double p50, double p90, double p99, double p999, double max, long count) {
  static final Latency NONE = new Latency(0, 0, 0, 0, 0, 0);
}
