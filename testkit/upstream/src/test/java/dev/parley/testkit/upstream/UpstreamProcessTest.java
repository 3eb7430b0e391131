package dev.parley.testkit.upstream;

import static dev.parley.testkit.upstream.Running.chat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class UpstreamProcessTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void theClockOfItsTokensIsOurs() throws Exception {
    try (UpstreamProcess process = UpstreamProcess.start();
        Raw raw =
            new Raw(new InetSocketAddress(process.uri().getHost(), process.uri().getPort()))) {
      long before = System.nanoTime();

      Raw.Answer answer =
          raw.post("/v1/chat/completions", chat("scripted?tokens=20&rate=1000")).read();

      assertThat(Token.parse(answer.body()))
          .hasSize(20)
          .allSatisfy(token -> assertThat(token.nanos()).isBetween(before, System.nanoTime()));
      assertThat(Json.MAPPER.readTree(process.stats()).path("tokens").asInt()).isEqualTo(20);
      process.resetStats();
      assertThat(Json.MAPPER.readTree(process.stats()).path("tokens").asInt()).isZero();
    }
  }

  @Test
  void theLogHoldsRequestsAsTheyCameButNoKeys() throws Exception {
    Path log = folder.resolve("upstream.jsonl");
    String body = chat("scripted?tokens=2&rate=max") + " \n";
    try (UpstreamProcess process = UpstreamProcess.start("--log", log.toString());
        Raw raw =
            new Raw(new InetSocketAddress(process.uri().getHost(), process.uri().getPort()))) {
      raw.post("/v1/chat/completions", body).read();
      await().until(() -> Files.readAllLines(log).size() == 2);
    }

    List<String> lines = Files.readAllLines(log);
    JsonNode request = Json.MAPPER.readTree(lines.getFirst());
    JsonNode end = Json.MAPPER.readTree(lines.getLast());
    assertThat(request.path("body").asString()).isEqualTo(body);
    assertThat(end.path("end").asString()).isEqualTo(request.path("request").asString());
    assertThat(end.path("how").asString()).isEqualTo("finished");
    assertThat(lines.toString()).doesNotContain("sk-secret");
  }
}
