package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testkit.upstream.UpstreamProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server's metrics say of replies that an upstream in another process has given. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ReplyMetricsTest {
  private static final int REPLIES = 60;

  @TempDir static Path data;
  private static UpstreamProcess upstream;
  private static ServerProcess server;
  private static RestClient rest;

  @BeforeAll
  static void start() throws Exception {
    upstream = UpstreamProcess.start();
    String url = ".url=" + upstream.uri() + "/v1";
    server =
        ServerProcess.start(
            data,
            0,
            "providers[0].name=h1",
            "providers[0].dialect=openai-compatible",
            "providers[0]" + url,
            "providers[1].name=h2",
            "providers[1].dialect=openai-compatible",
            "providers[1].protocol=http-2",
            "providers[1]" + url,
            "providers[2].name=broken",
            "providers[2].dialect=openai-compatible",
            "providers[2]" + url,
            "providers[3].name=safe",
            "providers[3].dialect=openai-compatible",
            "providers[3].fallback[0]=h1",
            "providers[3]" + url,
            "personas[0].id=h1",
            "personas[0].provider=h1",
            "personas[0].model=scripted?tokens=10&rate=1000",
            "personas[1].id=h2",
            "personas[1].provider=h2",
            "personas[1].model=scripted?tokens=10&rate=1000",
            "personas[2].id=broken",
            "personas[2].provider=broken",
            "personas[2].model=scripted?status=500",
            "personas[3].id=safe",
            "personas[3].provider=safe",
            "personas[3].model=scripted?status=401&times=1&tokens=3&rate=max",
            "personas[4].id=slow",
            "personas[4].provider=h1",
            "personas[4].model=scripted?tokens=1000&rate=10",
            "personas[5].id=kept",
            "personas[5].provider=h1",
            "personas[5].cache-seconds=60",
            "personas[5].model=scripted?tokens=4&rate=max");
    rest = new RestClient(server.uri());
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
    if (upstream != null) {
      upstream.close();
    }
  }

  private static Map<String, Double> metrics() throws Exception {
    Map<String, Double> values = new HashMap<>();
    for (String line : rest.metrics("text/plain").expect(200).text().lines().toList()) {
      int space = line.lastIndexOf(' ');
      if (!line.startsWith("#")) {
        values.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
      }
    }
    return values;
  }

  private static double metric(String name) throws Exception {
    return grown(Map.of(), name);
  }

  /** How much one has grown since {@code before}. */
  private static double grown(Map<String, Double> before, String name) throws Exception {
    Map<String, Double> now = metrics();
    assertThat(now).containsKey(name);
    return now.getOrDefault(name, 0.0) - before.getOrDefault(name, 0.0);
  }

  private static void ask(String persona, String run) throws Exception {
    rest.post("/api/conversations", "{\"id\":\"" + run + "\",\"persona\":\"" + persona + "\"}")
        .expect(201);
    rest.post(
            "/api/conversations/" + run + "/turns", "{\"text\":\"Count.\",\"run\":\"" + run + "\"}")
        .expect(202);
  }

  private static void answered(String persona, String run, String state) throws Exception {
    ask(persona, run);
    assertThat(rest.follow(run).getLast().path("state").asString()).isEqualTo(state);
  }

  @Test
  void connectionsAreUsedAgainOverBothVersionsOfHttp() throws Exception {
    for (String provider : new String[] {"h1", "h2"}) {
      Map<String, Double> before = metrics();
      String label = "{provider=\"" + provider + "\"}";
      for (int i = 0; i < REPLIES; i++) {
        answered(provider, "reuse-" + provider + "-" + i, "finished");
      }
      double posts = grown(before, "parley_provider_posts_total" + label);
      double opened = grown(before, "parley_provider_connections_total" + label);
      assertThat(posts).isEqualTo(REPLIES);
      assertThat(1 - opened / posts).as("reuse over " + provider).isGreaterThan(0.9);
      assertThat(grown(before, "parley_provider_requests_total" + label)).isEqualTo(REPLIES);
      assertThat(grown(before, "parley_provider_first_token_seconds_count" + label))
          .isEqualTo(REPLIES);
      assertThat(grown(before, "parley_provider_deltas_total" + label))
          .isBetween((double) REPLIES, 10.0 * REPLIES);
      assertThat(
              grown(
                  before,
                  "parley_provider_ends_total{provider=\"" + provider + "\",end=\"finished\"}"))
          .isEqualTo(REPLIES);
    }
  }

  @Test
  void failuresAreCountedByTheirReasonAndWhatWasDoneAboutThem() throws Exception {
    Map<String, Double> before = metrics();
    answered("broken", "broken-0", "failed");
    answered("safe", "safe-0", "finished");
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(
                    grown(before, "parley_runs_ended_total{state=\"failed\",reason=\"upstream\"}"))
                .isEqualTo(1));
    assertThat(grown(before, "parley_provider_ends_total{provider=\"broken\",end=\"upstream\"}"))
        .isEqualTo(3);
    assertThat(grown(before, "parley_provider_retries_total{chain=\"broken\",provider=\"broken\"}"))
        .isEqualTo(2);
    assertThat(grown(before, "parley_provider_fallbacks_total{chain=\"safe\",provider=\"h1\"}"))
        .isEqualTo(1);
    for (int i = 1; i < 4; i++) {
      answered("broken", "broken-" + i, "failed");
    }
    assertThat(metric("parley_provider_circuit{chain=\"broken\",provider=\"broken\"}"))
        .isEqualTo(2);
  }

  @Test
  void aRunIsActiveUntilItIsStopped() throws Exception {
    Map<String, Double> before = metrics();
    ask("slow", "slow-0");
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> metric("parley_runs_active{provider=\"h1\"}") == 1);
    rest.post("/api/runs/slow-0/stop", "{}").expect(202);
    assertThat(rest.follow("slow-0").getLast().path("state").asString()).isEqualTo("stopped");
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThat(grown(before, "parley_runs_ended_total{state=\"stopped\",reason=\"\"}"))
                .isEqualTo(1));
    assertThat(grown(before, "parley_runs_started_total")).isEqualTo(1);
    assertThat(grown(before, "parley_provider_ends_total{provider=\"h1\",end=\"stopped\"}"))
        .isEqualTo(1);
    assertThat(metric("parley_runs_active{provider=\"h1\"}")).isEqualTo(0);
    assertThat(metric("parley_runs_waiting{provider=\"h1\"}")).isEqualTo(0);
  }

  @Test
  void whatIsGivenAgainFromMemoryIsAHit() throws Exception {
    Map<String, Double> before = metrics();
    answered("kept", "kept-0", "finished");
    answered("kept", "kept-1", "finished");
    assertThat(grown(before, "parley_reply_cache_misses_total")).isEqualTo(1);
    assertThat(grown(before, "parley_reply_cache_hits_total")).isEqualTo(1);
    assertThat(grown(before, "parley_provider_requests_total{provider=\"h1\"}")).isEqualTo(1);
  }

  @Test
  void openMetricsHasEachFamilyOnceAndEnds() throws Exception {
    String text = rest.metrics("application/openmetrics-text").expect(200).text();
    assertThat(text.lines().filter(line -> line.startsWith("# TYPE "))).doesNotHaveDuplicates();
    assertThat(text)
        .contains("# TYPE parley_runs_started counter\n")
        .contains("# TYPE parley_provider_first_token_seconds histogram\n")
        .contains("# UNIT parley_provider_first_token_seconds seconds\n")
        .endsWith("# EOF\n");
  }
}
