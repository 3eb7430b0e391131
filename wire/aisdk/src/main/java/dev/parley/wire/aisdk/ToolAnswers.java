package dev.parley.wire.aisdk;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a page answers to the calls in a reply, read from the reply as the page has it. Stateless.
 */
final class ToolAnswers {
  private ToolAnswers() {}

  /** About one call. */
  sealed interface ToolAnswer {
    String call();

    record Approved(String call) implements ToolAnswer {}

    record Denied(String call, String reason) implements ToolAnswer {}

    /**
     * What the tool answered, or why it did not.
     *
     * @param json for the model
     */
    record Output(String call, String json) implements ToolAnswer {}
  }

  /** Names of all calls in a message, in their order. */
  static List<String> calls(JsonNode parts) {
    List<String> calls = new ArrayList<>();
    for (JsonNode part : parts) {
      String call = ReplyState.string(part, "toolCallId");
      if (call != null) {
        calls.add(call);
      }
    }
    return calls;
  }

  static List<ToolAnswer> read(JsonNode parts) {
    List<ToolAnswer> answers = new ArrayList<>();
    for (JsonNode part : parts) {
      String call = ReplyState.string(part, "toolCallId");
      String state = ReplyState.string(part, "state");
      if (call == null || state == null) {
        continue;
      }
      switch (state) {
        case "approval-responded" -> {
          JsonNode approval = part.path("approval");
          answers.add(
              approval.path("approved").asBoolean()
                  ? new ToolAnswer.Approved(call)
                  : new ToolAnswer.Denied(call, approval.path("reason").asString("")));
        }
        case "output-available" ->
            answers.add(
                new ToolAnswer.Output(call, Chunks.JSON.writeValueAsString(part.path("output"))));
        case "output-error" ->
            answers.add(
                new ToolAnswer.Output(
                    call,
                    Chunks.JSON.writeValueAsString(
                        Chunks.JSON
                            .createObjectNode()
                            .put("error", "failed")
                            .put("message", part.path("errorText").asString("")))));
        default -> {} // nothing was answered
      }
    }
    return answers;
  }

  /** Why a person denied the call whose result this is, {@code null} when nobody did. */
  static @Nullable String denied(JsonNode result) {
    return "denied".equals(ReplyState.string(result, "error"))
        ? ReplyState.string(result, "reason")
        : null;
  }

  /** The sentence in a result that says why there is none, {@code null} when there is one. */
  static @Nullable String error(JsonNode result) {
    return result.size() == 2 && result.path("error").isString()
        ? ReplyState.string(result, "message")
        : null;
  }
}
