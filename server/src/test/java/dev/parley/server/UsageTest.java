package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What replies of the scripted provider took, by a whole server and over a restart of it. */
@Timeout(120)
final class UsageTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  private ParleyServer server() throws IOException {
    return ParleyServer.builder()
        .port(0)
        .data(folder)
        .set("prices[0].output", "1000000")
        .set("budgets[0].user", "*")
        .set("budgets[0].cost", "1")
        .start();
  }

  private static String send(ParleyServer server, String method, String path, String body)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                  .header("parley-person", "ann")
                  .method(method, BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  private static JsonNode json(ParleyServer server, String method, String path, String body)
      throws IOException, InterruptedException {
    return JSON.readTree(send(server, method, path, body));
  }

  /** Ann says something; how the run that answers ended. */
  private static JsonNode reply(ParleyServer server) throws IOException, InterruptedException {
    String run =
        json(server, "POST", "/api/conversations/plans/turns", "{\"text\":\"help\"}")
            .path("run")
            .asString("");
    String path = "/api/runs/" + run;
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            json(server, "GET", path, "").path("state").asString("").matches("finished|failed"));
    return json(server, "GET", path, "");
  }

  @Test
  void aReplyIsCountedAndABudgetThatItSpendsRefusesTheNextAlsoAfterARestart() throws Exception {
    JsonNode total;
    try (ParleyServer server = server()) {
      var _ = send(server, "POST", "/api/conversations", "{\"id\":\"plans\"}");
      JsonNode usage = reply(server).path("usage");
      long output = usage.path("output").asLong(0);
      assertThat(output).isPositive();
      JsonNode seen = json(server, "GET", "/api/usage?user=ann", "");
      total = seen.path("total");
      assertThat(total.path("replies").asInt(0)).isEqualTo(1);
      assertThat(total.path("output").asLong(0)).isEqualTo(output);
      assertThat(total.path("cost").asLong(0)).isEqualTo(output);
      assertThat(seen.path("usage").get(0).path("persona").asString("")).isEqualTo("parley");

      refuses(server);
      String labels = "provider=\"scripted\",persona=\"parley\"";
      assertThat(send(server, "GET", "/metrics", ""))
          .contains("parley_tokens_total{" + labels + ",kind=\"output\"} " + output + "\n")
          .contains("parley_cost_total{" + labels + "} " + output + "\n")
          .contains("parley_replies_over_budget_total 1\n");
    }
    try (ParleyServer server = server()) {
      assertThat(json(server, "GET", "/api/usage?user=ann", "").path("total")).isEqualTo(total);
      refuses(server);
    }
  }

  private static void refuses(ParleyServer server) throws IOException, InterruptedException {
    JsonNode run = reply(server);
    assertThat(run.path("state").asString("")).isEqualTo("failed");
    assertThat(run.path("reason").asString("")).isEqualTo("over-budget");
    assertThat(run.path("message").asString("")).contains("budget of ann", " of 1.");
    assertThat(Instant.ofEpochMilli(run.path("retryAt").asLong(0)))
        .isAfter(Instant.now())
        .isBeforeOrEqualTo(Instant.now().plus(Duration.ofDays(31)));
  }
}
