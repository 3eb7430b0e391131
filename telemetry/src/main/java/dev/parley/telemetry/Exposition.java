package dev.parley.telemetry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

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

  private static final Family LATENCY =
      Family.histogram(
          "parley_stage_latency_seconds", "Time a message spent in each stage of the node.");

  private final ExpositionFormat format;
  private final Map<Counter, LongAdder> counters;
  private final Map<Stage, StageLatency> stages;
  private final List<Telemetry.Shown> shown;
  private final Map<Family, Map<Labels, Durations>> timed;
  private final StringBuilder out = new StringBuilder(16_384);

  Exposition(
      ExpositionFormat format,
      Map<Counter, LongAdder> counters,
      Map<Stage, StageLatency> stages,
      List<Telemetry.Shown> shown,
      Map<Family, Map<Labels, Durations>> timed) {
    this.format = format;
    this.counters = counters;
    this.stages = stages;
    this.shown = shown;
    this.timed = timed;
  }

  public String contentType() {
    return format.contentType();
  }

  public String text() {
    out.setLength(0);
    counters.forEach((counter, value) ->
        family(
            Family.counter(counter.family(), counter.unit(), counter.help()),
            List.of(new Sample(Labels.NONE, value.sum()))));
    shown.forEach(each -> family(each.family(), each.samples().get()));
    head(LATENCY);
    stages.forEach((stage, latency) ->
        buckets(
            LATENCY,
            Labels.of("stage", stage.label()),
            Buckets.of(latency.total(), BUCKETS_NANOS)));
    timed.forEach((family, byLabels) -> {
      head(family);
      byLabels.forEach((labels, durations) -> buckets(family, labels, durations.buckets()));
    });
    if (format == ExpositionFormat.OPENMETRICS) {
      out.append("# EOF\n");
    }
    return out.toString();
  }

  private void family(Family family, List<Sample> samples) {
    head(family);
    String name = family.kind() == Family.Kind.COUNTER ? family.name() + "_total" : family.name();
    for (Sample sample : samples) {
      sample(name, sample.labels(), number(sample.value()));
    }
  }

  private void buckets(Family family, Labels labels, Buckets buckets) {
    for (int i = 0; i < buckets.size(); i++) {
      String bound = number(buckets.boundSeconds(i));
      sample(family.name() + "_bucket", labels.and("le", bound), Long.toString(buckets.upTo(i)));
    }
    sample(family.name() + "_bucket", labels.and("le", "+Inf"), Long.toString(buckets.count()));
    sample(family.name() + "_sum", labels, number(buckets.sumSeconds()));
    sample(family.name() + "_count", labels, Long.toString(buckets.count()));
  }

  private void sample(String name, Labels labels, String value) {
    out.append(name).append(labels.inBraces()).append(' ').append(value).append('\n');
  }

  /**
   * OpenMetrics names a counter's family without the suffix of its samples; the older format has no
   * such rule, and there the family is the sample.
   */
  private void head(Family family) {
    boolean openMetrics = format == ExpositionFormat.OPENMETRICS;
    String name =
        family.kind() == Family.Kind.COUNTER && !openMetrics
            ? family.name() + "_total"
            : family.name();
    String kind = family.kind().name().toLowerCase(Locale.ROOT);
    out.append("# HELP ").append(name).append(' ').append(escaped(family.help())).append('\n');
    out.append("# TYPE ").append(name).append(' ').append(kind).append('\n');
    if (openMetrics && !family.unit().isEmpty()) {
      out.append("# UNIT ").append(name).append(' ').append(family.unit()).append('\n');
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
