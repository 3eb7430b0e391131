package dev.parley.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryTest {
  private final Telemetry telemetry = new Telemetry();

  @Test
  void percentilesComeFromAllRecordersOfAStage() {
    StageRecorder one = telemetry.newRecorder(Stage.COMMIT);
    StageRecorder other = telemetry.newRecorder(Stage.COMMIT);
    one.record(1_000_000, 90);
    other.record(50_000_000, 10);

    Latency latency = telemetry.latency(Stage.COMMIT);

    assertThat(latency.count()).isEqualTo(100);
    assertThat(latency.p50())
        .isCloseTo(1_000, org.assertj.core.data.Percentage.withPercentage(1.5));
    assertThat(latency.p99())
        .isCloseTo(50_000, org.assertj.core.data.Percentage.withPercentage(1.5));
    assertThat(telemetry.latency(Stage.SHARD).count()).isZero();
  }

  @Test
  void whatIsOlderThanTheWindowIsForgottenByTheConsoleAndKeptByTheScraper() {
    telemetry.recorder(Stage.FLUSH).record(2_000);
    for (int i = 0; i < 5; i++) {
      telemetry.tick(i);
    }
    assertThat(telemetry.latency(Stage.FLUSH).count()).isZero();
    assertThat(telemetry.exposition(ExpositionFormat.PROMETHEUS).text())
        .contains("parley_stage_latency_seconds_count{stage=\"flush\"} 1\n");
  }

  @Test
  void ratesAreTakenOverTheWindow() {
    telemetry.add(Counter.REQUESTS, 5);
    telemetry.tick(0);
    telemetry.add(Counter.REQUESTS, 40);
    assertThat(telemetry.perSecond(Counter.REQUESTS, 4_000_000_000L)).isEqualTo(10.0);
  }

  @Test
  void prometheusTextNamesTheSampleAsTheFamily() {
    telemetry.add(Counter.MESSAGES_IN, 3);
    telemetry.gauge("parley_connections", "", "Connections \\ open.", () -> 2.5);

    String text = telemetry.exposition(ExpositionFormat.PROMETHEUS).text();

    assertThat(text)
        .contains("# TYPE parley_messages_in_total counter\nparley_messages_in_total 3\n")
        .contains("# HELP parley_connections Connections \\\\ open.\n")
        .contains("parley_connections 2.5\n")
        .doesNotContain("# EOF")
        .doesNotContain("# UNIT");
  }

  @Test
  void openMetricsNamesTheUnitAndEnds() {
    telemetry.recorder(Stage.DECODE).record(30_000);

    String text = telemetry.exposition(ExpositionFormat.OPENMETRICS).text();

    assertThat(text)
        .contains("# TYPE parley_messages_in counter\nparley_messages_in_total 0\n")
        .contains("# UNIT parley_payload_in_bytes bytes\n")
        .contains("parley_stage_latency_seconds_bucket{stage=\"decode\",le=\"0.000025\"} 0\n")
        .contains("parley_stage_latency_seconds_bucket{stage=\"decode\",le=\"0.00005\"} 1\n")
        .contains("parley_stage_latency_seconds_bucket{stage=\"decode\",le=\"+Inf\"} 1\n")
        .endsWith("# EOF\n");
  }

  @Test
  void aMetricWithLabelsIsReadWhenSomebodyAsks() {
    AtomicLong sent = new AtomicLong();
    telemetry.show(
        Family.counter("parley_sent", "", "Sent."),
        () -> List.of(new Sample(Labels.of("to", "a\"\\\nb", "by", "c"), sent.get())));
    sent.set(7);

    assertThat(telemetry.exposition(ExpositionFormat.PROMETHEUS).text())
        .contains("# TYPE parley_sent_total counter\n")
        .contains("parley_sent_total{to=\"a\\\"\\\\\\nb\",by=\"c\"} 7\n");
    assertThat(telemetry.exposition(ExpositionFormat.OPENMETRICS).text())
        .contains("# TYPE parley_sent counter\nparley_sent_total{");
  }

  @Test
  void durationsAreCountedByTheirBounds() {
    Durations durations =
        telemetry.durations("parley_wait_seconds", "Wait.", Labels.of("provider", "one"));
    durations.record(0);
    durations.record(1_000_000);
    durations.record(1_000_001);
    durations.record(3_600_000_000_000L);

    assertThat(telemetry.exposition(ExpositionFormat.OPENMETRICS).text())
        .contains("# TYPE parley_wait_seconds histogram\n# UNIT parley_wait_seconds seconds\n")
        .contains("parley_wait_seconds_bucket{provider=\"one\",le=\"0.001\"} 2\n")
        .contains("parley_wait_seconds_bucket{provider=\"one\",le=\"0.0025\"} 3\n")
        .contains("parley_wait_seconds_bucket{provider=\"one\",le=\"60\"} 3\n")
        .contains("parley_wait_seconds_bucket{provider=\"one\",le=\"+Inf\"} 4\n")
        .contains("parley_wait_seconds_sum{provider=\"one\"} 3600.002000001\n")
        .contains("parley_wait_seconds_count{provider=\"one\"} 4\n");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      delimiter = '|',
      value = {
        "none|PROMETHEUS",
        "*/*|PROMETHEUS",
        "text/plain|PROMETHEUS",
        "application/openmetrics-text|OPENMETRICS",
        "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3|OPENMETRICS",
        "application/openmetrics-text;q=0.1,text/plain;q=0.9|PROMETHEUS",
        "application/openmetrics-text;q=zero|PROMETHEUS",
      })
  void theAcceptHeaderDecides(String accept, ExpositionFormat expected) {
    assertThat(ExpositionFormat.negotiate(accept)).isEqualTo(expected);
  }
}
