package dev.parley.testkit.upstream;

import static dev.parley.testkit.upstream.Running.chat;
import static dev.parley.testkit.upstream.Running.chatText;
import static dev.parley.testkit.upstream.Running.numbers;
import static dev.parley.testkit.upstream.Running.responses;
import static dev.parley.testkit.upstream.Running.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FaultTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final List<Integer> FIVE = List.of(1, 2, 3, 4, 5);

  private final Running upstream;

  FaultTest() throws IOException {
    upstream = new Running();
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  @Test
  void aCutReplyEndsInAResetAfterItsLastToken() throws IOException {
    try (Raw raw = upstream.connect()) {
      Raw.Rest rest = raw.post(CHAT, chat("scripted?cut-after=5&rate=100")).rest();

      assertThat(rest.reset()).isTrue();
      assertThat(numbers(rest.text())).isEqualTo(FIVE);
    }
  }

  @Test
  void aClosedReplyEndsInOrderWithoutDone() throws IOException {
    Raw.Answer answer = upstream.ask(CHAT, chat("scripted?close-after=5&rate=max"));

    assertThat(numbers(chatText(answer))).isEqualTo(FIVE);
    assertThat(answer.body()).doesNotContain("[DONE]").doesNotContain("\"stop\"");
  }

  @Test
  void aTruncatedReplyEndsWithoutItsLastChunk() throws IOException {
    try (Raw raw = upstream.connect()) {
      raw.post(CHAT, chat("scripted?truncate-after=5&rate=100")).head();

      assertThatThrownBy(raw::chunks).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void aStalledReplySaysNothingMoreAndStaysOpen() throws IOException {
    try (Raw raw = upstream.connect()) {
      raw.post(CHAT, chat("scripted?stall-after=1&rate=1000")).head();
      String first = new String(raw.chunk(), StandardCharsets.UTF_8);
      raw.socket.setSoTimeout(100);

      assertThat(numbers(first)).containsExactly(1);
      assertThatThrownBy(raw::chunk).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aReplyMayEndInCommentsWithoutEnd() throws IOException {
    try (Raw raw = upstream.connect()) {
      raw.post(CHAT, chat("scripted?chatter-after=1&rate=1000")).head();

      assertThat(numbers(new String(raw.chunk(), StandardCharsets.UTF_8))).containsExactly(1);
      for (int i = 0; i < 3; i++) {
        assertThat(new String(raw.chunk(), StandardCharsets.UTF_8)).isEqualTo(": alive\n\n");
      }
    }
  }

  @Test
  void whatIsNotHttpIsSaidAndTheConnectionCloses() throws IOException {
    try (Raw raw = upstream.connect()) {
      Raw.Rest rest = raw.post(CHAT, chat("scripted?not-http")).rest();

      assertThat(rest.text()).contains("ESMTP").doesNotContain("HTTP/");
      assertThat(rest.reset()).isFalse();
    }
  }

  @Test
  void aReplyMayStallBeforeItsFirstEventOrBeforeItsHead() throws IOException {
    try (Raw event = upstream.connect();
        Raw head = upstream.connect()) {
      assertThat(event.post(CHAT, chat("scripted?stall-first")).head().status()).isEqualTo(200);
      event.socket.setSoTimeout(50);
      head.post(CHAT, chat("scripted?stall-head"));
      head.socket.setSoTimeout(50);

      assertThatThrownBy(event::chunk).isInstanceOf(SocketTimeoutException.class);
      assertThatThrownBy(head::head).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aContinuedReplyIsPastItsFaultUnlessItComesAgain() throws IOException {
    String said = chatText(upstream.ask(CHAT, chat("scripted?close-after=5&tokens=8&rate=max")));
    String turns = "{\"role\":\"assistant\",\"content\":" + Json.quote(said) + "}";

    String rest =
        chatText(upstream.ask(CHAT, chat("scripted?close-after=5&tokens=8&rate=max", turns)));
    String again =
        chatText(upstream.ask(CHAT, chat("scripted?close-after=2&tokens=9&rate=max&again", turns)));

    assertThat(numbers(rest)).containsExactly(6, 7, 8);
    assertThat(numbers(again)).containsExactly(6, 7);
  }

  @Test
  void bytesComeOneByOneWhenSplit() throws IOException {
    try (Raw raw = upstream.connect()) {
      raw.post(CHAT, chat("scripted?split&tokens=4&rate=max")).head();

      List<byte[]> chunks = raw.chunks();

      assertThat(chunks).allMatch(chunk -> chunk.length == 1);
      assertThat(numbers(join(chunks))).containsExactly(1, 2, 3, 4);
    }
  }

  @Test
  void aSeedSplitsInsideOfCharactersTheSameWayEachTime() throws IOException {
    List<Integer> sizes = splitSizes(7);

    assertThat(splitSizes(7)).isEqualTo(sizes);
    assertThat(splitSizes(8)).isNotEqualTo(sizes);
  }

  private List<Integer> splitSizes(int seed) throws IOException {
    try (Raw raw = upstream.connect()) {
      // 64 tokens of which three in four begin with a character of several bytes
      raw.post(CHAT, chat("scripted?tokens=64&rate=max&split=" + seed)).head();
      List<byte[]> chunks = raw.chunks();
      assertThat(numbers(join(chunks))).hasSize(64);
      assertThat(chunks)
          .as("a chunk that ends inside of a character, seed %s", seed)
          .anyMatch(chunk -> new String(chunk, StandardCharsets.UTF_8).endsWith("\ufffd"));
      return chunks.stream().map(chunk -> chunk.length).toList();
    }
  }

  @Test
  void garbageIsNeitherJsonNorUtf8AndTheReplyGoesOn() throws IOException {
    Raw.Answer answer = upstream.ask(CHAT, chat("scripted?garbage-after=2&tokens=5&rate=max"));

    assertThat(numbers(answer.body())).isEqualTo(FIVE);
    assertThat(answer.body()).contains("\ufffd(\n\n");
    assertThat(answer.data().getLast()).isEqualTo("[DONE]");
  }

  @Test
  void anErrorInTheMiddleIsAnEventInEachApisWords() throws IOException {
    String model = "scripted?error-after=2&rate=max";

    assertThat(upstream.ask(CHAT, chat(model)).data().getLast()).startsWith("{\"error\":{");
    assertThat(upstream.ask("/v1/messages", chat(model)).body())
        .contains("event: error\n")
        .doesNotContain("message_stop");
    assertThat(upstream.ask("/v1/responses", responses(model)).body())
        .contains("event: error\n")
        .doesNotContain("completed");
  }

  @Test
  void aStatusIsRefusedInTheProvidersWords() throws IOException {
    Raw.Answer limited = upstream.ask(CHAT, chat("scripted?status=429&retry-after=2"));
    Raw.Answer unauthorized = upstream.ask(CHAT, chat("scripted?status=401"));
    Raw.Answer overloaded = upstream.ask("/v1/messages", chat("scripted?status=529"));

    assertThat(limited.status()).isEqualTo(429);
    assertThat(limited.headers()).containsEntry("retry-after", "2");
    assertThat(limited.body()).contains("rate_limit_exceeded");
    assertThat(unauthorized.body()).as("a careless provider").contains("sk-secret");
    assertThat(overloaded.body()).contains("overloaded_error");
  }

  @Test
  void aFaultIsOverAfterItsTimes() throws IOException {
    String body = chat("scripted?status=503&times=2&tokens=1&rate=max");

    assertThat(upstream.ask(CHAT, body).status()).isEqualTo(503);
    assertThat(upstream.ask(CHAT, body).status()).isEqualTo(503);
    assertThat(numbers(chatText(upstream.ask(CHAT, body)))).containsExactly(1);
  }

  @Test
  void whoFollowsARedirectIsCounted() throws IOException {
    Raw.Answer answer = upstream.ask(CHAT, chat("scripted?redirect"));
    upstream.ask(answer.headers().getOrDefault("location", ""), "{}");

    assertThat(answer.status()).isEqualTo(307);
    assertThat(upstream.stats().path("redirectsFollowed").asInt()).isOne();
  }

  @Test
  void aGigabyteIsOneLineOrTokensWithoutEnd() throws IOException {
    for (String kind : List.of("gigabyte", "gigabyte=body", "gigabyte&status=500")) {
      try (Raw raw = upstream.connect()) {
        raw.post(CHAT, chat("scripted?" + kind)).head();

        byte[] begin = raw.bytes(20 << 20);

        assertThat(begin).hasSize(20 << 20);
        assertThat(numbers(new String(begin, StandardCharsets.UTF_8)).isEmpty())
            .isEqualTo(!kind.endsWith("body"));
      }
    }
    await()
        .untilAsserted(() -> assertThat(upstream.stats().at("/replies/running").asInt()).isZero());
  }

  @Test
  void aReplyMayBeDoneTwiceOrSayNothingOrBeAWebPage() throws IOException {
    Raw.Answer twice = upstream.ask(CHAT, chat("scripted?two-done&tokens=1&rate=max"));
    Raw.Answer empty = upstream.ask(CHAT, chat("scripted?empty"));
    Raw.Answer page = upstream.ask(CHAT, chat("scripted?html&status=502"));

    assertThat(twice.data()).endsWith("[DONE]", "[DONE]");
    assertThat(empty.status()).isEqualTo(200);
    assertThat(empty.body()).isEmpty();
    assertThat(page.status()).isEqualTo(502);
    assertThat(page.body()).startsWith("<html>");
  }

  @Test
  void aPromptOverTheContextIsRefused() throws IOException {
    Raw.Answer openAi = upstream.ask(CHAT, chat("scripted?context-too-long"));
    Raw.Answer anthropic = upstream.ask("/v1/messages", chat("scripted?context=5"));
    Raw.Answer fits = upstream.ask(CHAT, chat("scripted?context=5000&tokens=1&rate=max"));

    assertThat(openAi.body()).contains("\"code\":\"context_length_exceeded\"");
    assertThat(anthropic.body()).contains("prompt is too long");
    assertThat(fits.status()).isEqualTo(200);
  }

  @Test
  void aFinishIsWhatTheScriptSays() throws IOException {
    String model = "scripted?tokens=1&rate=max&finish=content_filter";

    assertThat(upstream.ask(CHAT, chat(model)).body()).contains("\"content_filter\"");
    assertThat(upstream.ask("/v1/messages", chat(model)).body()).contains("\"refusal\"");
    assertThat(upstream.ask("/v1/responses", responses(model)).body())
        .contains("event: response.incomplete", "{\"reason\":\"content_filter\"}");
  }

  @Test
  void halfOfAWholeReplyArrivesBeforeItIsCut() throws IOException {
    try (Raw raw = upstream.connect()) {
      Raw.Rest rest = raw.post(CHAT, whole(chat("scripted?cut-after=0&tokens=9&rate=max"))).rest();

      assertThat(rest.text()).contains("chat.completion").doesNotContain("finish_reason");
      assertThat(rest.reset()).isTrue();
    }
  }

  @Test
  void whatIsNotUnderstoodIsRefusedWithWhatWasExpected() throws IOException {
    assertThat(upstream.ask(CHAT, "{").body()).contains("body: not JSON");
    assertThat(upstream.ask(CHAT, "{}").body()).contains("model: missing (expected: a string)");
    assertThat(upstream.ask(CHAT, chat("scripted?rate=fast")).body())
        .contains("model.rate: fast (expected: tokens per second, or max)");
    assertThat(upstream.ask("/v2", "{}").status()).isEqualTo(404);
  }

  @Test
  void aClientThatLeavesIsCountedWithTheTimeSinceTheLastWrite() throws IOException {
    long leaving;
    try (Raw raw = upstream.connect()) {
      raw.post(CHAT, chat("scripted?rate=100&tokens=5000&tag=run-17")).head();
      raw.chunk();
      leaving = System.nanoTime();
    }

    await().until(() -> !upstream.left().isEmpty());

    JsonNode left = Json.MAPPER.readTree(upstream.left().getFirst());
    assertThat(left.path("tag").asString()).isEqualTo("run-17");
    assertThat(left.path("tokens").asInt()).isPositive();
    assertThat(left.path("atNanos").asLong()).isBetween(leaving, System.nanoTime());
    assertThat(left.path("sinceLastWriteNanos").asLong()).isNotNegative();
    assertThat(upstream.stats().at("/replies/closedByClient").asInt()).isOne();
    assertThat(upstream.stats().at("/replies/running").asInt()).isZero();
  }

  private static String join(List<byte[]> chunks) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    chunks.forEach(all::writeBytes);
    return all.toString(StandardCharsets.UTF_8);
  }
}
