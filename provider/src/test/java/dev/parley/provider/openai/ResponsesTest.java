package dev.parley.provider.openai;

import static dev.parley.provider.FakeUpstream.chunked;
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

final class ResponsesTest {
  private final FakeUpstream upstream = new FakeUpstream();
  private final TestEndpoint endpoint = new TestEndpoint(upstream.base(), new Responses());

  @AfterEach
  void close() {
    endpoint.close();
    upstream.close();
  }

  private static String event(String type, String members) {
    return "event: " + type + "\ndata: {" + members + ",\"type\":\"" + type + "\"}\n\n";
  }

  private Recorded asked(String... events) {
    upstream.answering((body, client) -> client.send(chunked(events)));
    Recorded reply = new Recorded();
    endpoint
        .provider(EndpointConfig.DEFAULT)
        .generate(Prompt.of("m", PromptTurn.user("hello")), reply);
    return reply;
  }

  @Test
  void textReasoningAndUsageAreDelivered() {
    Recorded reply =
        asked(
            event("response.created", "\"response\":{\"id\":\"r\",\"error\":null,\"usage\":null}"),
            event("response.reasoning_summary_text.delta", "\"delta\":\"hm\""),
            event("response.output_text.delta", "\"output_index\":1,\"delta\":\"Hel\""),
            event("response.output_text.delta", "\"output_index\":1,\"delta\":\"lo\""),
            event(
                "response.completed",
                "\"response\":{\"usage\":{\"input_tokens\":5,\"output_tokens\":2,"
                    + "\"input_tokens_details\":{\"cached_tokens\":4}}}"));
    assertThat(reply.finished().usage()).isEqualTo(new Usage(5, 4, 2));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.STOP);
    assertThat(reply.text()).isEqualTo("Hello");
    assertThat(reply.reasoning()).isEqualTo("hm");
    assertThat(upstream.lastHead()).startsWith("/v1/responses");
  }

  @Test
  void functionCallsAreDelivered() {
    Recorded reply =
        asked(
            event(
                "response.output_item.added",
                "\"output_index\":2,\"item\":{\"type\":\"function_call\",\"id\":\"fc\","
                    + "\"call_id\":\"c\",\"name\":\"look\",\"arguments\":\"\"}"),
            event(
                "response.function_call_arguments.delta",
                "\"output_index\":2,\"delta\":\"{\\\"a\\\":\""),
            event("response.function_call_arguments.delta", "\"output_index\":2,\"delta\":\"1}\""),
            event("response.completed", "\"response\":{}"));
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.TOOL_CALLS);
    assertThat(reply.deltas()).contains(new Delta.ToolCall(0, "c", "look"));
    assertThat(reply.arguments(0)).isEqualTo("{\"a\":1}");
  }

  @Test
  void incompleteFailedAndBrokenOffResponsesEndAsSuch() {
    String text = event("response.output_text.delta", "\"delta\":\"a\"");
    String details = "\"response\":{\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}";
    assertThat(asked(text, event("response.incomplete", details)).finished().reason())
        .isEqualTo(FinishReason.LENGTH);
    String error =
        "\"response\":{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"slower\"}}";
    assertThat(asked(event("response.failed", error)).failure().code())
        .isEqualTo(Code.RATE_LIMITED);
    assertThat(asked(event("error", "\"code\":\"x\",\"message\":\"oops\"")).failure().message())
        .contains("oops");
    assertThat(asked(text).failure().code()).isEqualTo(Code.DISCONNECTED);
  }
}
