package dev.parley.provider.openai;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Tool;
import dev.parley.provider.JsonText;
import tools.jackson.core.JsonGenerator;

/** Writes one request; what a longer conversation adds, it adds at the end. */
final class ResponsesRequest {
  private final JsonGenerator json;

  ResponsesRequest(JsonGenerator json) {
    this.json = json;
  }

  void write(Prompt prompt) {
    json.writeStartObject();
    json.writeStringProperty("model", prompt.model());
    json.writeBooleanProperty("stream", true);
    json.writeBooleanProperty("store", false);
    parameters(prompt.parameters());
    if (!prompt.user().isEmpty()) {
      json.writeStringProperty("safety_identifier", prompt.user());
    }
    if (!prompt.tools().isEmpty()) {
      json.writeArrayPropertyStart("tools");
      prompt.tools().forEach(this::tool);
      json.writeEndArray();
    }
    json.writeArrayPropertyStart("input");
    prompt.turns().forEach(this::turn);
    json.writeEndArray();
    json.writeEndObject();
  }

  /** It knows neither {@code stop} nor {@code seed}. */
  private void parameters(Parameters parameters) {
    if (parameters.temperature() != null) {
      json.writeNumberProperty("temperature", parameters.temperature());
    }
    if (parameters.topP() != null) {
      json.writeNumberProperty("top_p", parameters.topP());
    }
    if (parameters.maxTokens() != null) {
      json.writeNumberProperty("max_output_tokens", parameters.maxTokens());
    }
    if (parameters.reasoningEffort() != null) {
      json.writeObjectPropertyStart("reasoning");
      json.writeStringProperty("effort", parameters.reasoningEffort());
      json.writeEndObject();
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
    json.writeStringProperty("name", tool.name());
    json.writeStringProperty("description", tool.description());
    json.writeName("parameters");
    JsonText.copy(tool.parametersSchemaJson(), json);
    json.writeBooleanProperty("strict", false);
    json.writeEndObject();
  }

  /** Calls and results are items beside the messages; what is said between them keeps its place. */
  private void turn(PromptTurn turn) {
    boolean open = false;
    for (TurnPart part : turn.parts()) {
      boolean content =
          switch (part) {
            case TurnPart.Text _, TurnPart.File _, TurnPart.Unknown _ -> true;
            case TurnPart.Reasoning _, TurnPart.ToolCall _, TurnPart.ToolResult _ -> false;
          };
      if (content && !open) {
        openMessage(turn.role());
      } else if (!content && open) {
        closeMessage();
      }
      open = content;
      part(part, turn.role());
    }
    if (open) {
      closeMessage();
    }
  }

  private void openMessage(PromptRole role) {
    json.writeStartObject();
    json.writeStringProperty("type", "message");
    json.writeStringProperty(
        "role",
        switch (role) {
          case SYSTEM -> "system";
          case USER, TOOL -> "user";
          case ASSISTANT -> "assistant";
        });
    json.writeArrayPropertyStart("content");
  }

  private void closeMessage() {
    json.writeEndArray();
    json.writeEndObject();
  }

  private void part(TurnPart part, PromptRole role) {
    switch (part) {
      case TurnPart.Text(String text, String _) -> text(text, role);
      case TurnPart.File file -> file(file, role);
      case TurnPart.Unknown(String raw) -> JsonText.copy(raw, json);
      case TurnPart.ToolCall call -> {
        json.writeStartObject();
        json.writeStringProperty("type", "function_call");
        json.writeStringProperty("call_id", call.id());
        json.writeStringProperty("name", call.name());
        json.writeStringProperty("arguments", call.argumentsJson());
        json.writeEndObject();
      }
      case TurnPart.ToolResult result -> {
        json.writeStartObject();
        json.writeStringProperty("type", "function_call_output");
        json.writeStringProperty("call_id", result.callId());
        json.writeStringProperty("output", result.json());
        json.writeEndObject();
      }
      case TurnPart.Reasoning _ -> {}
    }
  }

  private void text(String text, PromptRole role) {
    json.writeStartObject();
    json.writeStringProperty("type", role == PromptRole.ASSISTANT ? "output_text" : "input_text");
    json.writeStringProperty("text", text);
    json.writeEndObject();
  }

  private void file(TurnPart.File file, PromptRole role) {
    if (role == PromptRole.ASSISTANT) {
      text("[" + file.name() + " (" + file.mediaType() + "): " + file.url() + "]", role);
      return;
    }
    boolean image = file.mediaType().startsWith("image/");
    json.writeStartObject();
    json.writeStringProperty("type", image ? "input_image" : "input_file");
    json.writeStringProperty(image ? "image_url" : "file_url", file.url());
    json.writeEndObject();
  }
}
