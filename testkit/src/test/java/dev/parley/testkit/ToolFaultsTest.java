package dev.parley.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.testkit.upstream.UpstreamProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Backends of tools that lie or hang, through a whole server: the model is told what went wrong in
 * a word, and the reply goes on.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ToolFaultsTest {
  private static final List<String> TOOLS =
      List.of(
          "honest",
          "another-call",
          "half-json",
          "html",
          "broken",
          "refuses",
          "redirects",
          "no-status",
          "no-http",
          "too-short",
          "announced",
          "endless",
          "hangs",
          "later");

  @TempDir static Path data;
  private static UpstreamProcess upstream;
  private static LyingTools backend;
  private static ServerProcess server;
  private static RestClient rest;

  @BeforeAll
  static void callAllOfThem() throws Exception {
    upstream = UpstreamProcess.start();
    backend = new LyingTools();
    List<String> settings = new ArrayList<>();
    settings.add("tools.url=" + backend.uri());
    settings.add("tools.secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    settings.add("tools.timeout=1s");
    settings.add("tools.attempts=3");
    settings.add("providers[0].name=model");
    settings.add("providers[0].dialect=openai-compatible");
    settings.add("providers[0].url=" + upstream.uri() + "/v1");
    for (int i = 0; i < TOOLS.size(); i++) {
      String persona = "personas[" + i + "].";
      settings.add(persona + "id=" + TOOLS.get(i));
      settings.add(persona + "provider=model");
      settings.add(persona + "model=scripted?tokens=1&rate=max&tool-call=" + TOOLS.get(i) + ":{}");
      settings.add(persona + "tools=[{\"name\":\"" + TOOLS.get(i) + "\"}]");
    }
    server = ServerProcess.start(data, 0, settings.toArray(String[]::new));
    rest = new RestClient(server.uri());
    for (String tool : TOOLS) {
      rest.post("/api/conversations", "{\"id\":\"" + tool + "\",\"persona\":\"" + tool + "\"}")
          .expect(201);
      ask(tool, "first-" + tool);
    }
  }

  private static void ask(String conversation, String run) throws Exception {
    String path = "/api/conversations/" + conversation + "/turns";
    rest.post(path, "{\"text\":\"Use it.\",\"run\":\"" + run + "\"}").expect(202);
  }

  @AfterAll
  static void stop() throws Exception {
    if (server != null) {
      server.close();
    }
    if (backend != null) {
      backend.close();
    }
    if (upstream != null) {
      upstream.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "half-json, not-json",
    "html, not-json",
    "broken, unavailable",
    "refuses, refused",
    "redirects, redirected",
    "no-status, not-http",
    "no-http, not-http",
    "too-short, unavailable",
    "announced, too-large",
    "endless, too-large",
    "hangs, timeout",
  })
  void theModelIsToldWhatIsWrongWithAToolAndAnswers(String tool, String reason) throws Exception {
    JsonNode result = JsonMapper.shared().readTree(resultOf("first-" + tool));
    assertThat(result.path("error").asString()).isEqualTo(reason);
    assertThat(result.path("message").asString()).isNotEmpty();
    ask(tool, "next-" + tool);
    assertThat(JsonMapper.shared().readTree(resultOf("next-" + tool))).isEqualTo(result);
    assertThat(rest.get("/api/conversations/" + tool).json().path("runs")).isEmpty();
  }

  @Test
  void whatAToolSaysIsTheResultOfTheCallItWasAskedForWhateverItClaims() throws Exception {
    assertThat(resultOf("first-honest")).isEqualTo("{\"sky\":\"blue\"}");
    assertThat(resultOf("first-another-call"))
        .isEqualTo("{\"call\":\"another\",\"result\":\"its\"}");
  }

  @Test
  void aResultForACallOrARunThatIsNotThereIsRefusedAndTheRightOneTakenOnce() throws Exception {
    JsonNode waiting =
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .until(
                () -> rest.get("/api/runs/first-later").json(),
                run -> run.path("state").asString().equals("waiting-for-tool"));
    String call = waiting.path("calls").get(0).path("id").asString();

    rest.post("/api/runs/first-later/result", "{\"call\":\"guessed\",\"result\":1}").expect(404);
    rest.post("/api/runs/guessed/result", "{\"call\":\"" + call + "\",\"result\":1}").expect(404);
    resultOf("first-honest"); // it is over
    rest.post("/api/runs/first-honest/result", "{\"call\":\"" + call + "\",\"result\":1}")
        .expect(409);
    String right = "{\"call\":\"" + call + "\",\"result\":{\"late\":true}}";
    rest.post("/api/runs/first-later/result", right).expect(202);

    assertThat(resultOf("first-later")).isEqualTo("{\"late\":true}");
    assertThat(rest.post("/api/runs/first-later/result", right).status()).isBetween(400, 499);
  }

  /** The result of the one call of a run, once that has ended as the model meant it to. */
  private static String resultOf(String run) throws Exception {
    List<JsonNode> events = rest.follow(run);
    assertThat(events.getLast().path("state").asString())
        .as(events.toString())
        .isEqualTo("finished");
    String result =
        events.stream()
            .filter(event -> event.has("result"))
            .map(event -> event.path("result").asString())
            .findFirst()
            .orElseThrow();
    String text =
        String.join("", events.stream().map(event -> event.path("text").asString("")).toList());
    assertThat(text).startsWith("The tool said: " + result);
    return result;
  }
}
