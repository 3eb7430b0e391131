package dev.parley.provider.anthropic;

import static dev.parley.provider.FakeUpstream.chunked;
import static dev.parley.provider.FakeUpstream.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.provider.EndpointConfig;
import dev.parley.provider.FakeUpstream;
import dev.parley.provider.Recorded;
import dev.parley.provider.TestEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MessagesTest {
  private static final Prompt HELLO = Prompt.of("m", PromptTurn.user("hello"));
  private static final String START =
      event(
          "message_start",
          "\"message\":{\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":10,"
              + "\"cache_creation_input_tokens\":2,\"output_tokens\":1}}");
  private static final String STOP = event("message_stop", "\"x\":1");

  private final FakeUpstream upstream = new FakeUpstream();
  private final TestEndpoint endpoint = new TestEndpoint(upstream.base(), new Messages(true));

  @AfterEach
  void close() {
    endpoint.close();
    upstream.close();
  }

  private static String event(String type, String members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
  }

  private static String delta(String type, String member, String value) {
    return event(
        "content_block_delta",
        "\"index\":0,\"delta\":{\"type\":\"" + type + "\",\"" + member + "\":\"" + value + "\"}");
  }

  private static String end(String reason) {
    return event(
        "message_delta",
        "\"delta\":{\"stop_reason\":\"" + reason + "\"},\"usage\":{\"output_tokens\":9}");
  }

  private Recorded asked(Prompt prompt, String answer) {
    upstream.answering((body, client) -> client.send(answer));
    Recorded reply = new Recorded();
    endpoint.provider(EndpointConfig.DEFAULT).generate(prompt, reply);
    return reply;
  }

  @Test
  void textThinkingAndUsageAreDelivered() {
    Recorded reply =
        asked(
            HELLO,
            chunked(
                START,
                event("ping", "\"x\":1"),
                delta("thinking_delta", "thinking", "hm"),
                delta("signature_delta", "signature", "abc"),
                delta("text_delta", "text", "Hel"),
                delta("text_delta", "text", "lo"),
                end("end_turn"),
                STOP));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(reply.finished().usage()).isEqualTo(new Usage(15, 10, 9));
    assertThat(reply.text()).isEqualTo("Hello");
    assertThat(reply.reasoning()).isEqualTo("hm");
    assertThat(upstream.lastHead())
        .startsWith("/v1/messages")
        .contains("x-api-key: " + TestEndpoint.KEY, "anthropic-version: 2023-06-01");
  }

  @Test
  void toolUseIsDelivered() {
    Recorded reply =
        asked(
            HELLO,
            chunked(
                START,
                event(
                    "content_block_start",
                    "\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\","
                        + "\"name\":\"look\",\"input\":{}}"),
                delta("input_json_delta", "partial_json", ""),
                delta("input_json_delta", "partial_json", "{\\\"a\\\":"),
                delta("input_json_delta", "partial_json", "1}"),
                end("tool_use"),
                STOP));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(reply.deltas()).contains(new Delta.ToolCall(0, "t", "look"));
    assertThat(reply.arguments(0)).isEqualTo("{\"a\":1}");
  }

  @Test
  void whiteSpaceThatThePrefixEndsWithIsNotSaidTwice() {
    Recorded reply =
        asked(
            HELLO.continuing("one, \n"),
            chunked(
                START,
                delta("text_delta", "text", " "),
                delta("text_delta", "text", "\\ntwo"),
                delta("text_delta", "text", " three"),
                end("end_turn"),
                STOP));
    reply.finished();
    assertThat(reply.text()).isEqualTo("two three");
  }

  @Test
  void failuresAreToldApart() {
    String overloaded = "\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}";
    assertThat(asked(HELLO, chunked(START, event("error", overloaded))).failure().code())
        .isEqualTo(Code.OVERLOADED);
    assertThat(asked(HELLO, plain("529 Overloaded", "", "{" + overloaded + "}")).failure().code())
        .isEqualTo(Code.OVERLOADED);
    assertThat(asked(HELLO, chunked(START, delta("text_delta", "text", "a"))).failure().code())
        .isEqualTo(Code.DISCONNECTED);
  }
}
