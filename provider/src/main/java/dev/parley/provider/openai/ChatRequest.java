package dev.parley.provider.openai;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Tool;
import dev.parley.provider.JsonText;
import dev.parley.provider.openai.ChatOptions.Continuation;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * Writes one request. Members have one order, and the turns come last: what a longer conversation
 * adds, it adds at the end.
 */
final class ChatRequest {
  private final JsonGenerator json;
  private final ChatOptions options;

  ChatRequest(JsonGenerator json, ChatOptions options) {
    this.json = json;
    this.options = options;
  }

  void write(Prompt prompt) {
    boolean continued = !prompt.prefix().isEmpty();
    json.writeStartObject();
    json.writeStringProperty("model", prompt.model());
    json.writeBooleanProperty("stream", true);
    if (options.usage()) {
      json.writeObjectPropertyStart("stream_options");
      json.writeBooleanProperty("include_usage", true);
      json.writeEndObject();
    }
    parameters(prompt.parameters());
    if (!prompt.user().isEmpty()) {
      json.writeStringProperty("user", prompt.user());
    }
    if (continued && options.continuation() == Continuation.FINAL_MESSAGE) {
      json.writeBooleanProperty("add_generation_prompt", false);
      json.writeBooleanProperty("continue_final_message", true);
    }
    if (!prompt.tools().isEmpty()) {
      json.writeArrayPropertyStart("tools");
      prompt.tools().forEach(this::tool);
      json.writeEndArray();
    }
    json.writeArrayPropertyStart("messages");
    prompt.turns().forEach(this::turn);
    if (continued) {
      prefix(prompt.prefix());
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void parameters(Parameters parameters) {
    if (parameters.temperature() != null) {
      json.writeNumberProperty("temperature", parameters.temperature());
    }
    if (parameters.topP() != null) {
      json.writeNumberProperty("top_p", parameters.topP());
    }
    if (parameters.maxTokens() != null) {
      json.writeNumberProperty(options.maxTokensMember(), parameters.maxTokens());
    }
    if (!parameters.stop().isEmpty()) {
      json.writeArrayPropertyStart("stop");
      parameters.stop().forEach(json::writeString);
      json.writeEndArray();
    }
    if (parameters.seed() != null) {
      json.writeNumberProperty("seed", parameters.seed());
    }
    if (parameters.reasoningEffort() != null) {
      json.writeStringProperty("reasoning_effort", parameters.reasoningEffort());
    }
    parameters
        .extra()
        .forEach((name, value) -> {
          json.writeName(name);
          JsonText.copy(value, json);
        });
  }

  private void tool(Tool tool) {
    json.writeStartObject();
    json.writeStringProperty("type", "function");
    json.writeObjectPropertyStart("function");
    json.writeStringProperty("name", tool.name());
    json.writeStringProperty("description", tool.description());
    json.writeName("parameters");
    JsonText.copy(tool.parametersSchemaJson(), json);
    json.writeEndObject();
    json.writeEndObject();
  }

  private void turn(PromptTurn turn) {
    boolean results = false;
    boolean rest = turn.parts().isEmpty();
    for (TurnPart part : turn.parts()) {
      if (part instanceof TurnPart.ToolResult result) {
        results = true;
        toolResult(result);
      } else {
        rest = true;
      }
    }
    if (rest || !results) {
      message(turn);
    }
  }

  /** Results are messages of their own here, one for each call. */
  private void toolResult(TurnPart.ToolResult result) {
    json.writeStartObject();
    json.writeStringProperty("role", "tool");
    json.writeStringProperty("tool_call_id", result.callId());
    json.writeStringProperty("content", result.json());
    json.writeEndObject();
  }

  private void message(PromptTurn turn) {
    json.writeStartObject();
    json.writeStringProperty("role", role(turn.role()));
    content(turn.parts().stream().filter(ChatRequest::isContent).toList());
    List<TurnPart.ToolCall> calls =
        turn.parts().stream()
            .filter(TurnPart.ToolCall.class::isInstance)
            .map(TurnPart.ToolCall.class::cast)
            .toList();
    if (!calls.isEmpty()) {
      json.writeArrayPropertyStart("tool_calls");
      calls.forEach(this::toolCall);
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static String role(PromptRole role) {
    return switch (role) {
      case SYSTEM -> "system";
      case USER, TOOL -> "user"; // what a tool says besides its results
      case ASSISTANT -> "assistant";
    };
  }

  private static boolean isContent(TurnPart part) {
    return switch (part) {
      case TurnPart.Text _, TurnPart.File _, TurnPart.Unknown _ -> true;
      case TurnPart.Reasoning _, TurnPart.ToolCall _, TurnPart.ToolResult _ -> false;
    };
  }

  /** Text alone is a string: not everybody who is compatible takes parts. */
  private void content(List<TurnPart> parts) {
    if (parts.stream().allMatch(TurnPart.Text.class::isInstance)) {
      StringBuilder text = new StringBuilder();
      parts.forEach(part -> text.append(((TurnPart.Text) part).text()));
      json.writeStringProperty("content", text.toString());
      return;
    }
    json.writeArrayPropertyStart("content");
    for (TurnPart part : parts) {
      switch (part) {
        case TurnPart.Text(String text, String _) -> text(text);
        case TurnPart.File file -> file(file);
        case TurnPart.Unknown(String raw) -> JsonText.copy(raw, json);
        case TurnPart.Reasoning _, TurnPart.ToolCall _, TurnPart.ToolResult _ -> {}
      }
    }
    json.writeEndArray();
  }

  private void text(String text) {
    json.writeStartObject();
    json.writeStringProperty("type", "text");
    json.writeStringProperty("text", text);
    json.writeEndObject();
  }

  /** There is no reference to a file but to an image: others are named in words. */
  private void file(TurnPart.File file) {
    if (!file.mediaType().startsWith("image/")) {
      text("[" + file.name() + " (" + file.mediaType() + "): " + file.url() + "]");
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("type", "image_url");
    json.writeObjectPropertyStart("image_url");
    json.writeStringProperty("url", file.url());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void toolCall(TurnPart.ToolCall call) {
    json.writeStartObject();
    json.writeStringProperty("id", call.id());
    json.writeStringProperty("type", "function");
    json.writeObjectPropertyStart("function");
    json.writeStringProperty("name", call.name());
    json.writeStringProperty("arguments", call.argumentsJson());
    json.writeEndObject();
    json.writeEndObject();
  }

  private void prefix(String prefix) {
    json.writeStartObject();
    json.writeStringProperty("role", "assistant");
    json.writeStringProperty("content", prefix);
    if (options.continuation() == Continuation.PREFIX) {
      json.writeBooleanProperty("prefix", true);
    }
    json.writeEndObject();
  }
}
