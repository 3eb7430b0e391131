package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testkit.upstream.Token;
import dev.parley.testkit.upstream.UpstreamProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** kill -9 while replies run: each goes on where it was, or says why not. */
@Timeout(value = 60, unit = TimeUnit.MINUTES) // the long run
final class RepliesKillTest {
  private static final boolean LONG = Boolean.getBoolean("parley.long");
  private static final int ROUNDS = LONG ? 20 : 2;
  private static final int REPLIES = LONG ? 1000 : 60;
  private static final int TOKENS = 90;
  private static final int PER_SECOND = 30;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @TempDir Path data;

  @Test
  void everyReplyOfAKilledServerGoesOnWithNothingMissingOrDoubled() throws Exception {
    rounds(true);
  }

  @Test
  void whatCannotGoOnFailsWithWhatItHasShown() throws Exception {
    rounds(false);
  }

  private void rounds(boolean continues) throws Exception {
    long seed = Long.getLong("parley.seed", System.nanoTime());
    Random random = new Random(seed);
    try (UpstreamProcess model = UpstreamProcess.start()) {
      String[] settings = {
        "providers[0].name=model",
        "providers[0].dialect=openai-compatible",
        "providers[0].url=" + model.uri() + "/v1",
        "providers[0].protocol=http-2",
        "providers[0].running-per-user=100000",
        "providers[0].running=100000",
        "providers[0].continuation=" + (continues ? "last-turn" : "none"),
        "personas[0].id=guide",
        "personas[0].provider=model",
        "personas[0].model=scripted?tokens=" + TOKENS + "&rate=" + PER_SECOND
      };
      ServerProcess server = ServerProcess.start(data, 0, settings);
      try {
        for (int round = 0; round < ROUNDS; round++) {
          List<String> runs = ask(server.uri(), round);
          Thread.sleep(random.nextInt(TOKENS * 1000 / PER_SECOND)); // when it is killed is the test
          server.kill();
          server = ServerProcess.start(data, 0, settings);
          for (String run : runs) {
            JsonNode end = end(server.uri(), run);
            check(end, continues, "seed " + seed + ", round " + round + ", " + run);
          }
        }
      } finally {
        server.close();
      }
    }
  }

  private List<String> ask(URI server, int round) {
    List<String> runs = new ArrayList<>();
    List<CompletableFuture<Integer>> asked = new ArrayList<>();
    for (int i = 0; i < REPLIES; i++) {
      String name = "r" + round + "-" + i;
      runs.add(name);
      asked.add(
          post(server, "/api/conversations", "{\"id\":\"" + name + "\"}")
              .thenCompose(_ ->
                  post(
                      server,
                      "/api/conversations/" + name + "/turns",
                      "{\"text\":\"Count.\",\"run\":\"" + name + "\"}")));
    }
    asked.forEach(each -> assertThat(each.join()).isEqualTo(202));
    return runs;
  }

  private CompletableFuture<Integer> post(URI server, String path, String json) {
    return client
        .sendAsync(
            HttpRequest.newBuilder(server.resolve(path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .thenApply(HttpResponse::statusCode);
  }

  private JsonNode end(URI server, String run) {
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> get(server, "/api/runs/" + run),
            node ->
                List.of("finished", "failed", "stopped").contains(node.path("state").asString()));
  }

  private JsonNode get(URI server, String path) throws Exception {
    String body =
        client
            .send(
                HttpRequest.newBuilder(server.resolve(path))
                    .header("accept", "application/json")
                    .build(),
                HttpResponse.BodyHandlers.ofString())
            .body();
    return JsonMapper.shared().readTree(body);
  }

  private static void check(JsonNode end, boolean continues, String which) {
    List<Integer> numbers =
        Token.parse(end.path("text").asString()).stream().map(Token::number).toList();
    assertThat(numbers)
        .as(which)
        .isEqualTo(IntStream.rangeClosed(1, numbers.size()).boxed().toList());
    if (end.path("state").asString().equals("finished")) {
      assertThat(numbers).as(which).hasSize(TOKENS);
    } else {
      assertThat(continues).as(which + ": " + end).isFalse();
      assertThat(end.path("state").asString()).as(which).isEqualTo("failed");
      assertThat(end.path("reason").asString()).as(which).isEqualTo("interrupted");
      assertThat(numbers).as(which).isNotEmpty();
    }
  }
}
