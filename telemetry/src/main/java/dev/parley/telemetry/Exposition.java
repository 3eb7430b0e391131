package dev.parley.telemetry;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/** Writes metrics as text: Prometheus 0.0.4 or OpenMetrics 1.0. Used by one thread. */
public final class Exposition {
  private static final long[] BUCKETS_NANOS = {
    10_000L,
    25_000L,
    50_000L,
    100_000L,
    250_000L,
    500_000L,
    1_000_000L,
    2_500_000L,
    5_000_000L,
    10_000_000L,
    25_000_000L,
    50_000_000L,
    100_000_000L,
    250_000_000L,
    500_000_000L,
    1_000_000_000L,
    2_500_000_000L,
    10_000_000_000L
  };
  private static final String LATENCY = "parley_stage_latency_seconds";

  private final ExpositionFormat format;
  private final Map<Counter, LongAdder> counters;
  private final Map<Stage, StageLatency> stages;
  private final List<Telemetry.Gauge> gauges;
  private final StringBuilder out = new StringBuilder(8_192);

  Exposition(
      ExpositionFormat format,
      Map<Counter, LongAdder> counters,
      Map<Stage, StageLatency> stages,
      List<Telemetry.Gauge> gauges) {
    this.format = format;
    this.counters = counters;
    this.stages = stages;
    this.gauges = gauges;
  }

  public String contentType() {
    return format.contentType();
  }

  public String text() {
    out.setLength(0);
    counters.forEach(this::counter);
    gauges.forEach(this::gauge);
    family(LATENCY, "histogram", "seconds", "Time a message spent in each stage of the node.");
    stages.forEach((stage, latency) -> histogram(stage, latency.total()));
    if (format == ExpositionFormat.OPENMETRICS) {
      out.append("# EOF\n");
    }
    return out.toString();
  }

  private void counter(Counter counter, LongAdder value) {
    String sample = counter.family() + "_total";
    // OpenMetrics names the family without the suffix of its sample; the older format has no such
    // rule, and there the family is the sample.
    family(
        format == ExpositionFormat.OPENMETRICS ? counter.family() : sample,
        "counter",
        counter.unit(),
        counter.help());
    out.append(sample).append(' ').append(value.sum()).append('\n');
  }

  private void gauge(Telemetry.Gauge gauge) {
    family(gauge.name(), "gauge", gauge.unit(), gauge.help());
    out.append(gauge.name()).append(' ').append(number(gauge.value().getAsDouble())).append('\n');
  }

  private void histogram(Stage stage, Histogram histogram) {
    long below = 0;
    long from = 0;
    double sumNanos = 0;
    for (long bound : BUCKETS_NANOS) {
      if (histogram.getTotalCount() > 0) {
        below += histogram.getCountBetweenValues(from, histogram.lowestEquivalentValue(bound) - 1);
      }
      from = histogram.lowestEquivalentValue(bound);
      bucket(stage, number(bound / 1e9), below);
    }
    bucket(stage, "+Inf", histogram.getTotalCount());
    if (histogram.getTotalCount() > 0) {
      sumNanos = histogram.getMean() * histogram.getTotalCount();
    }
    label(LATENCY + "_sum", stage).append("} ").append(number(sumNanos / 1e9)).append('\n');
    label(LATENCY + "_count", stage).append("} ").append(histogram.getTotalCount()).append('\n');
  }

  private void bucket(Stage stage, String bound, long count) {
    label(LATENCY + "_bucket", stage)
        .append(",le=\"")
        .append(bound)
        .append("\"} ")
        .append(count)
        .append('\n');
  }

  private StringBuilder label(String sample, Stage stage) {
    return out.append(sample).append("{stage=\"").append(stage.label()).append('"');
  }

  private void family(String name, String type, String unit, String help) {
    out.append("# HELP ").append(name).append(' ').append(escaped(help)).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    if (format == ExpositionFormat.OPENMETRICS && !unit.isEmpty()) {
      out.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
    }
  }

  /** HELP text: backslash and line feed are escaped, and quotes too in OpenMetrics. */
  private String escaped(String help) {
    String text = help.replace("\\", "\\\\").replace("\n", "\\n");
    return format == ExpositionFormat.OPENMETRICS ? text.replace("\"", "\\\"") : text;
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    return new java.math.BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
