package dev.parley.conversation.run;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.RunFailure;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Usage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The messages of a run's stream, in JSON: short, as most of them are a word or two. Safe on any
 * thread. The module's README lists them.
 */
final class RunJson {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private RunJson() {}

  /** The first message: what the run belongs to. */
  static byte[] head(String run, String conversation, String branch) {
    ObjectNode head = JSON.createObjectNode();
    head.put("run", run);
    head.put("conversation", conversation);
    head.put("branch", branch);
    head.put("ai", true);
    return JSON.writeValueAsBytes(head);
  }

  static byte[] queued(int position) {
    ObjectNode state = state("queued");
    state.put("position", position);
    return JSON.writeValueAsBytes(state);
  }

  /** What follows belongs to {@code turn}, also when that began earlier. */
  static byte[] starting(PersonaRef persona, String turn) {
    ObjectNode state = state("starting");
    ObjectNode who = state.putObject("persona");
    who.put("id", persona.id());
    who.put("version", persona.version());
    state.put("turn", turn);
    return JSON.writeValueAsBytes(state);
  }

  static byte[] waiting(List<Call> calls) {
    ObjectNode state = state("waiting-for-tool");
    ArrayNode list = state.putArray("calls");
    for (Call call : calls) {
      ObjectNode each = list.addObject();
      each.put("id", call.id());
      each.put("name", call.name());
      if (call.needsApproval()) {
        each.put("approval", true);
      }
    }
    return JSON.writeValueAsBytes(state);
  }

  /** A call that waits. */
  record Call(String id, String name, boolean needsApproval) {}

  static byte[] result(String call, String result) {
    ObjectNode node = JSON.createObjectNode();
    node.put("result", result);
    node.put("id", call);
    return JSON.writeValueAsBytes(node);
  }

  /** As a result, since it is one for the model. */
  static byte[] denied(String call, String result) {
    ObjectNode node = JSON.createObjectNode();
    node.put("result", result);
    node.put("id", call);
    node.put("denied", true);
    return JSON.writeValueAsBytes(node);
  }

  /** What a model is told of a tool that could not be called. */
  static byte[] error(String reason, String message) {
    return JSON.writeValueAsBytes(
        JSON.createObjectNode().put("error", reason).put("message", message));
  }

  /** The last message. */
  static byte[] ended(RunState end, Usage usage) {
    ObjectNode state =
        switch (end) {
          case RunState.Finished(FinishReason reason) ->
              state("finished").put("reason", reason.name().toLowerCase(Locale.ROOT));
          case RunState.Stopped(String by) -> state("stopped").put("by", by);
          case RunState.Failed(RunFailure failure) -> {
            ObjectNode failed =
                state("failed")
                    .put("reason", failure.reason())
                    .put("message", failure.message())
                    .put("retryable", failure.retryable());
            yield failure.retryAt() == null ? failed : failed.put("retryAt", failure.retryAt());
          }
          case RunState.Queued _, RunState.Starting _ -> throw new IllegalArgumentException("runs");
          case RunState.Streaming _, RunState.WaitingForTool _ ->
              throw new IllegalArgumentException("runs");
        };
    if (!usage.equals(Usage.NONE)) {
      ObjectNode counts = state.putObject("usage");
      counts.put("input", usage.input());
      counts.put("cachedInput", usage.cachedInput());
      counts.put("output", usage.output());
      if (usage.estimated()) {
        counts.put("estimated", true);
      }
    }
    return JSON.writeValueAsBytes(state);
  }

  private static ObjectNode state(String word) {
    return JSON.createObjectNode().put("state", word);
  }

  static byte[] text(String text) {
    return quoted("{\"text\":\"", text);
  }

  static byte[] reasoning(String text) {
    return quoted("{\"reasoning\":\"", text);
  }

  static byte[] call(int index, String id, String name) {
    ObjectNode call = JSON.createObjectNode();
    call.put("call", index);
    call.put("id", id);
    call.put("name", name);
    return JSON.writeValueAsBytes(call);
  }

  static byte[] arguments(int index, String json) {
    return quoted("{\"call\":" + index + ",\"arguments\":\"", json);
  }

  private static byte[] quoted(String before, String text) {
    byte[] quoted = quoted(text);
    byte[] message = new byte[before.length() + quoted.length + 2];
    System.arraycopy(before.getBytes(StandardCharsets.US_ASCII), 0, message, 0, before.length());
    System.arraycopy(quoted, 0, message, before.length(), quoted.length);
    message[message.length - 2] = '"';
    message[message.length - 1] = '}';
    return message;
  }

  private static byte[] quoted(String text) {
    try {
      return JsonStringEncoder.getInstance().quoteAsUTF8(text);
    } catch (IllegalArgumentException unpaired) { // half a character, which UTF-8 cannot hold
      return JsonStringEncoder.getInstance()
          .quoteAsUTF8(new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }
  }

  static JsonNode read(byte[] message) {
    return JSON.readTree(message);
  }
}
