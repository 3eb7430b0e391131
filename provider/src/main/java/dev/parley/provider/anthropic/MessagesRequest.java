package dev.parley.provider.anthropic;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Tool;
import dev.parley.provider.JsonText;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * Writes one request; what a longer conversation adds, it adds at the end. Turns of one role in a
 * row are one message, since the protocol wants roles to alternate.
 */
final class MessagesRequest {
  private final JsonGenerator json;

  MessagesRequest(JsonGenerator json) {
    this.json = json;
  }

  void write(Prompt prompt) {
    json.writeStartObject();
    json.writeStringProperty("model", prompt.model());
    json.writeBooleanProperty("stream", true);
    parameters(prompt.parameters());
    if (!prompt.user().isEmpty()) {
      json.writeObjectPropertyStart("metadata");
      json.writeStringProperty("user_id", prompt.user());
      json.writeEndObject();
    }
    if (!prompt.tools().isEmpty()) {
      json.writeArrayPropertyStart("tools");
      prompt.tools().forEach(this::tool);
      json.writeEndArray();
    }
    system(prompt.turns());
    json.writeArrayPropertyStart("messages");
    messages(prompt);
    json.writeEndArray();
    json.writeEndObject();
  }

  private void parameters(Parameters parameters) {
    Integer most = parameters.maxTokens();
    json.writeNumberProperty("max_tokens", most == null ? Messages.DEFAULT_MAX_TOKENS : most);
    if (parameters.temperature() != null) {
      json.writeNumberProperty("temperature", parameters.temperature());
    }
    if (parameters.topP() != null) {
      json.writeNumberProperty("top_p", parameters.topP());
    }
    if (!parameters.stop().isEmpty()) {
      json.writeArrayPropertyStart("stop_sequences");
      parameters.stop().forEach(json::writeString);
      json.writeEndArray();
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
    json.writeStringProperty("name", tool.name());
    json.writeStringProperty("description", tool.description());
    json.writeName("input_schema");
    JsonText.copy(tool.parametersSchemaJson(), json);
    json.writeEndObject();
  }

  /** One place for all of it here, before the messages. */
  private void system(List<PromptTurn> turns) {
    StringBuilder text = new StringBuilder();
    for (PromptTurn turn : turns) {
      if (turn.role() == PromptRole.SYSTEM) {
        for (TurnPart part : turn.parts()) {
          if (part instanceof TurnPart.Text(String more, String _)) {
            text.append(text.isEmpty() ? "" : "\n\n").append(more);
          }
        }
      }
    }
    if (!text.isEmpty()) {
      json.writeStringProperty("system", text.toString());
    }
  }

  private void messages(Prompt prompt) {
    String open = "";
    for (PromptTurn turn : prompt.turns()) {
      if (turn.role() == PromptRole.SYSTEM || !hasContent(turn)) {
        continue;
      }
      String role = turn.role() == PromptRole.ASSISTANT ? "assistant" : "user";
      open = message(open, role);
      turn.parts().forEach(this::part);
    }
    // It may not end with white space; what is cut off is awaited again in the answer.
    String prefix = prompt.prefix().stripTrailing();
    if (!prefix.isEmpty()) {
      open = message(open, "assistant");
      text(prefix);
    }
    if (!open.isEmpty()) {
      closeMessage();
    }
  }

  private String message(String open, String role) {
    if (role.equals(open)) {
      return open;
    }
    if (!open.isEmpty()) {
      closeMessage();
    }
    json.writeStartObject();
    json.writeStringProperty("role", role);
    json.writeArrayPropertyStart("content");
    return role;
  }

  private void closeMessage() {
    json.writeEndArray();
    json.writeEndObject();
  }

  /** Empty content is refused. */
  private static boolean hasContent(PromptTurn turn) {
    return turn.parts().stream()
        .anyMatch(part ->
            switch (part) {
              case TurnPart.Text(String text, String _) -> !text.isEmpty();
              case TurnPart.Reasoning _ -> false;
              case TurnPart.File _,
                  TurnPart.ToolCall _,
                  TurnPart.ToolResult _,
                  TurnPart.Unknown _ ->
                  true;
            });
  }

  private void part(TurnPart part) {
    switch (part) {
      case TurnPart.Text(String text, String _) -> {
        if (!text.isEmpty()) {
          text(text);
        }
      }
      case TurnPart.Reasoning _ -> {}
      case TurnPart.File file -> file(file);
      case TurnPart.Unknown(String raw) -> JsonText.copy(raw, json);
      case TurnPart.ToolCall call -> toolCall(call);
      case TurnPart.ToolResult result -> {
        json.writeStartObject();
        json.writeStringProperty("type", "tool_result");
        json.writeStringProperty("tool_use_id", result.callId());
        json.writeStringProperty("content", result.json());
        json.writeEndObject();
      }
    }
  }

  private void text(String text) {
    json.writeStartObject();
    json.writeStringProperty("type", "text");
    json.writeStringProperty("text", text);
    json.writeEndObject();
  }

  private void file(TurnPart.File file) {
    boolean image = file.mediaType().startsWith("image/");
    if (!image && !file.mediaType().equals("application/pdf")) {
      text("[" + file.name() + " (" + file.mediaType() + "): " + file.url() + "]");
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("type", image ? "image" : "document");
    json.writeObjectPropertyStart("source");
    json.writeStringProperty("type", "url");
    json.writeStringProperty("url", file.url());
    json.writeEndObject();
    json.writeEndObject();
  }

  /** Input is an object here; what a model wrote that is none is sent as the text it was. */
  private void toolCall(TurnPart.ToolCall call) {
    json.writeStartObject();
    json.writeStringProperty("type", "tool_use");
    json.writeStringProperty("id", call.id());
    json.writeStringProperty("name", call.name());
    json.writeName("input");
    if (JsonText.isObject(call.argumentsJson())) {
      JsonText.copy(call.argumentsJson(), json);
    } else {
      json.writeStartObject();
      if (!call.argumentsJson().isBlank()) {
        json.writeStringProperty("text", call.argumentsJson());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
