package dev.parley.provider.openai;

import static dev.parley.provider.FakeUpstream.chunk;
import static dev.parley.provider.FakeUpstream.chunked;
import static dev.parley.provider.FakeUpstream.head;
import static dev.parley.provider.FakeUpstream.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider;
import dev.parley.provider.EndpointConfig;
import dev.parley.provider.FakeUpstream;
import dev.parley.provider.Recorded;
import dev.parley.provider.TestEndpoint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ChatCompletionsTest {
  private static final Prompt HELLO = Prompt.of("m", PromptTurn.user("hello"));
  private static final String ROLE = event("{\"role\":\"assistant\",\"content\":\"\"}", null);
  private static final String STOP = event("{}", "stop");
  private static final String USAGE =
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,"
          + "\"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private final FakeUpstream upstream = new FakeUpstream();
  private final TestEndpoint endpoint =
      new TestEndpoint(upstream.base(), new ChatCompletions(ChatOptions.OPENAI));

  @AfterEach
  void close() {
    endpoint.close();
    upstream.close();
  }

  private static String event(String delta, @Nullable String reason) {
    return "data: {\"id\":\"c-1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
        + "\"delta\":"
        + delta
        + ",\"finish_reason\":"
        + (reason == null ? "null" : "\"" + reason + "\"")
        + "}]}\n\n";
  }

  private static String text(String text) {
    return event("{\"content\":\"" + text + "\"}", null);
  }

  private Recorded ask(FakeUpstream.Script script) {
    return ask(script, EndpointConfig.DEFAULT);
  }

  private Recorded ask(FakeUpstream.Script script, EndpointConfig config) {
    upstream.answering(script);
    Recorded reply = new Recorded();
    endpoint.provider(config).generate(HELLO, reply);
    return reply;
  }

  private Recorded asked(String answer) {
    return ask((body, client) -> client.send(answer));
  }

  @Test
  void aReplyIsDeliveredWithItsUsage() {
    Recorded reply = asked(chunked(ROLE, text("Hel"), text("lo"), text(" 👋"), STOP, USAGE, DONE));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(reply.text()).isEqualTo("Hello 👋");
    assertThat(reply.finished().usage()).isEqualTo(new Usage(11, 8, 3));
    assertThat(upstream.lastHead()).startsWith("/v1/chat/completions");
  }

  @Test
  void chunksOfManyFormsInTurnAreAllHeard() {
    String both = event("{\"content\":\"6\",\"refusal\":null}", null);
    String counted = text("7").replace("}]}", "}],\"usage\":{\"completion_tokens\":7}}");
    Recorded reply =
        asked(
            chunked(
                ROLE,
                text("1"),
                text("2"),
                text("\\n"),
                text("é\\u00e9"),
                text("3"),
                both,
                text("4"),
                both,
                text("5"),
                counted,
                text("8"),
                STOP,
                DONE));
    assertThat(reply.finished().usage().output()).isEqualTo(7);
    assertThat(reply.text()).isEqualTo("12\néé36465" + "78");
  }

  @Test
  void deltasOfOneReadAreJoinedAndReasoningStaysApart() {
    String reasoning = event("{\"reasoning_content\":\"hm\"}", null);
    Recorded reply =
        asked(chunked(reasoning, reasoning, text("a"), text("b"), text("c"), STOP, DONE));
    reply.finished();
    assertThat(reply.deltas()).containsExactly(new Delta.Reasoning("hmhm"), new Delta.Text("abc"));
  }

  @Test
  void toolCallsAndTheirArgumentsAreDelivered() {
    String begin =
        event(
            "{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"type\":\"function\",\"function\":"
                + "{\"name\":\"time\",\"arguments\":\"\"}}]}",
            null);
    String more =
        event("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"z\\\"\"}}]}", null);
    String rest =
        event("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]}", null);
    String second =
        event(
            "{\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"function\":"
                + "{\"name\":\"rain\",\"arguments\":\"{}\"}}]}",
            null);
    Recorded reply = asked(chunked(begin, more, rest, second, event("{}", "tool_calls"), DONE));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(reply.deltas())
        .contains(new Delta.ToolCall(0, "a", "time"), new Delta.ToolCall(1, "b", "rain"));
    assertThat(reply.arguments(0)).isEqualTo("{\"z\":1}");
    assertThat(reply.arguments(1)).isEqualTo("{}");
  }

  @Test
  void anAnswerCutInTwoAtEveryByteIsTheSameReply() {
    byte[] answer =
        chunked(": wait\n\n", text("Grüße"), text(" 👋🏽"), STOP, DONE)
            .getBytes(StandardCharsets.UTF_8);
    for (int cut = 1; cut < answer.length; cut++) {
      int at = cut;
      Recorded reply =
          ask((body, client) -> {
            client.send(java.util.Arrays.copyOf(answer, at));
            client.later(
                1, () -> client.send(java.util.Arrays.copyOfRange(answer, at, answer.length)));
          });
      assertThat(reply.finished().reason()).as("cut at %s", at).isEqualTo(FinishReason.STOP);
      assertThat(reply.text()).as("cut at %s", at).isEqualTo("Grüße 👋🏽");
    }
    assertThat(endpoint.upstream().stats().reuse()).isGreaterThan(0.95);
  }

  @Test
  void aConnectionThatEndsAtAnyByteEndsTheReplyOnce() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String whole = "Grüße 👋🏽 und mehr";
    byte[] answer =
        chunked(text("Grüße"), text(" 👋🏽"), text(" und mehr"), STOP, DONE)
            .getBytes(StandardCharsets.UTF_8);
    int known = new String(answer, StandardCharsets.UTF_8).indexOf("\"stop\"");
    for (int round = 0; round < 200; round++) {
      int at = random.nextInt(answer.length);
      Recorded reply =
          ask((body, client) -> {
            client.send(java.util.Arrays.copyOf(answer, at));
            client.close();
          });
      String as = "seed " + seed + ", cut at " + at;
      if (at < known) {
        assertThat(reply.failure().code()).as(as).isEqualTo(Code.DISCONNECTED);
        assertThat(reply.failure().retryable()).as(as).isTrue();
      } else {
        reply.ending();
      }
      assertThat(whole).as(as).startsWith(reply.text());
    }
  }

  @Test
  void aSecondDoneAndWhatFollowsItChangeNothing() {
    Recorded reply = asked(chunked(text("a"), STOP, DONE, DONE, text("b"), DONE));
    reply.finished();
    assertThat(ask((body, client) -> client.send(chunked(text("c"), STOP, DONE))).finished())
        .isNotNull();
    assertThat(reply.text()).isEqualTo("a");
    assertThat(reply.ending()).isEqualTo(reply.finished());
  }

  @Test
  void anEndWithoutReasonAndDoneIsADisconnection() {
    Recorded reply = asked(chunked(text("a")));
    assertThat(reply.failure().code()).isEqualTo(Code.DISCONNECTED);
    assertThat(reply.text()).isEqualTo("a");
  }

  @Test
  void anEndWithReasonButWithoutDoneIsAFinish() {
    assertThat(asked(chunked(text("a"), event("{}", "length"))).finished().reason())
        .isEqualTo(FinishReason.LENGTH);
  }

  @Test
  void nothingAtAllIsADisconnection() {
    assertThat(asked(chunked()).failure().code()).isEqualTo(Code.DISCONNECTED);
    assertThat(ask((body, client) -> client.close()).failure().code()).isEqualTo(Code.DISCONNECTED);
  }

  @Test
  void refusalsSayWhatIsWrongAndWhetherToComeBack() {
    assertRefusal("400 Bad Request", "", "bad", Code.BAD_REQUEST, false);
    assertRefusal("401 Unauthorized", "", "who?", Code.UNAUTHORIZED, false);
    assertRefusal("404 Not Found", "", "no such model", Code.NOT_FOUND, false);
    assertRefusal("500 Internal Server Error", "", "oops", Code.UPSTREAM, true);
    assertRefusal("503 Service Unavailable", "", "busy", Code.OVERLOADED, true);
    assertRefusal("400 Bad Request", "", "maximum context length", Code.CONTEXT_TOO_LONG, false);
    Failure limited =
        assertRefusal("429 Too Many", "retry-after: 7\r\n", "slower", Code.RATE_LIMITED, true);
    assertThat(limited.retryAfter()).isEqualTo(Duration.ofSeconds(7));
    assertThat(upstream.accepted()).as("connections").isEqualTo(1);
  }

  private Failure assertRefusal(
      String status, String headers, String message, Code code, boolean retryable) {
    String body = "{\"error\":{\"message\":\"" + message + "\",\"type\":\"x\",\"code\":null}}";
    Failure failure = asked(plain(status, headers, body)).failure();
    assertThat(failure.code()).as(status).isEqualTo(code);
    assertThat(failure.retryable()).as(status).isEqualTo(retryable);
    assertThat(failure.message()).startsWith("test: ").contains(message);
    return failure;
  }

  @Test
  void redirectsAreNotFollowed() {
    Failure failure =
        asked(plain("308 Permanent Redirect", "location: " + upstream.base() + "/x\r\n", ""))
            .failure();
    assertThat(failure.code()).isEqualTo(Code.UPSTREAM);
    assertThat(failure.message()).contains("redirects").doesNotContain("/x");
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void theKeyIsSentAndNeverRepeated() {
    Failure failure =
        asked(plain("401 No", "", "{\"error\":\"bad key " + TestEndpoint.KEY + "\"}")).failure();
    assertThat(upstream.lastHead()).contains("Bearer " + TestEndpoint.KEY);
    assertThat(failure.toString()).contains("***").doesNotContain(TestEndpoint.KEY);
    assertThat(endpoint.provider(EndpointConfig.DEFAULT).toString())
        .doesNotContain(TestEndpoint.KEY);
  }

  @Test
  void aKeyThatALongMessageEndsInIsNotRepeatedInPartEither() {
    String said = "x".repeat(290) + TestEndpoint.KEY;
    Failure failure = asked(plain("401 No", "", "{\"error\":\"" + said + "\"}")).failure();
    assertThat(failure.message()).endsWith("x***").doesNotContain(TestEndpoint.KEY.substring(0, 4));
  }

  @Test
  void anErrorInMidStreamEndsTheReply() {
    Recorded reply =
        asked(chunked(text("a"), "data: {\"error\":{\"message\":\"gone\",\"code\":503}}\n\n"));
    assertThat(reply.failure().code()).isEqualTo(Code.OVERLOADED);
    assertThat(reply.text()).isEqualTo("a");
    await().untilAsserted(() -> assertThat(upstream.open()).isZero());
  }

  @Test
  void garbageIsMalformed() {
    assertThat(asked(chunked("data: {\"choices\": [}\n\n")).failure().code())
        .isEqualTo(Code.MALFORMED);
    assertThat(asked("\u0000\u0001 what?\r\n\r\n\r\n").failure().code()).isEqualTo(Code.MALFORMED);
    assertThat(asked("220 mail.example ESMTP\r\n\r\n").failure().code()).isEqualTo(Code.MALFORMED);
    assertThat(asked(plain("200 OK", "content-type: text/html\r\n", "<html>")).failure().message())
        .contains("text/html (expected: text/event-stream)");
  }

  @Test
  void shapesNobodyExpectsArePassedOver() {
    String odd = "data: {\"choices\":{\"a\":[]},\"usage\":7,\"x\":[{\"choices\":1}]}\n\n";
    String odder = "data: {\"choices\":[1,[],{\"delta\":\"x\"},{\"delta\":{\"content\":{}}}]}\n\n";
    Recorded reply = asked(chunked(odd, odder, "data: []\n\ndata: 1\n\n", text("a"), STOP, DONE));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(reply.text()).isEqualTo("a");
  }

  @Test
  void anEndlessEventAnEndlessReplyAndEndlessChatterAreTooLarge() {
    EndpointConfig small = EndpointConfig.DEFAULT.withLimits(1000, 4096);
    assertThat(ask(endless(head(), "data: ", "xxxxxxxxxx"), small).failure().code())
        .isEqualTo(Code.TOO_LARGE);
    assertThat(ask(endless(head(), "", text("word ")), small).failure().code())
        .isEqualTo(Code.TOO_LARGE);
    assertThat(ask(endless(head(), "", ": alive\n\n"), small).failure().code())
        .isEqualTo(Code.TOO_LARGE);
    await().untilAsserted(() -> assertThat(upstream.open()).isZero());
  }

  private static FakeUpstream.Script endless(String head, String first, String again) {
    return (body, client) -> {
      client.send(head + (first.isEmpty() ? "" : chunk(first)));
      String block = chunk(again).repeat(100);
      Runnable[] more = new Runnable[1];
      more[0] =
          () -> {
            if (client.ctx().channel().isActive()) {
              client.send(block).later(1, more[0]);
            }
          };
      more[0].run();
    };
  }

  @Test
  void aSilentUpstreamTimesOutBeforeAndBetweenTokens() {
    EndpointConfig quick =
        EndpointConfig.DEFAULT.withTimeouts(Duration.ofMillis(300), Duration.ofMillis(100));
    assertThat(ask((body, client) -> {}, quick).failure().code())
        .isEqualTo(Code.TIMEOUT_FIRST_TOKEN);
    Recorded reply = ask((body, client) -> client.send(head() + chunk(text("a"))), quick);
    assertThat(reply.failure().code()).isEqualTo(Code.TIMEOUT_BETWEEN_TOKENS);
    assertThat(reply.text()).isEqualTo("a");
    await().untilAsserted(() -> assertThat(upstream.open()).isZero());
  }

  @Test
  void stopClosesTheConnectionAtOnceAndNothingFollows() throws Exception {
    upstream.answering((body, client) -> client.send(head() + chunk(text("a"))));
    Recorded reply = new Recorded();
    Provider.Generation generation =
        endpoint.provider(EndpointConfig.DEFAULT).generate(HELLO, reply);
    assertThat(reply.begun(10, TimeUnit.SECONDS)).isTrue();
    long from = System.nanoTime();
    generation.stop();
    await().pollInterval(Duration.ofMillis(1)).until(() -> upstream.open() == 0);
    assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(1));
    assertThat(reply.ended()).isFalse();
    generation.stop();
  }

  @Test
  void nobodyThereIsAFailureOfTheUpstream() {
    upstream.close();
    Recorded reply = new Recorded();
    endpoint.provider(EndpointConfig.DEFAULT).generate(HELLO, reply);
    assertThat(reply.failure().code()).isEqualTo(Code.UPSTREAM);
    assertThat(reply.failure().message()).contains("cannot connect");
  }
}
