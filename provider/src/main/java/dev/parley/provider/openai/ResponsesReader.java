package dev.parley.provider.openai;

import dev.parley.conversation.FinishReason;
import dev.parley.provider.Dialect;
import dev.parley.provider.JsonText;
import dev.parley.provider.Refusal;
import dev.parley.provider.Reply;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads the events of a response. Confined to the loop of its answer.
 *
 * <p>The type of an event may come after what it is about, so an event is read first and understood
 * then.
 */
final class ResponsesReader implements Dialect.Reader {
  private static final int MAX_CALLS = 128;
  private static final Refusal NONE = new Refusal("", "", "");

  private final Reply reply;
  private final Map<Long, Integer> calls = new HashMap<>(); // ours by the place in the output
  private long outputIndex;
  private String delta = "";
  private String itemType = "";
  private String callId = "";
  private String name = "";
  private String incomplete = "";
  private Refusal error = NONE;

  ResponsesReader(Reply reply) {
    this.reply = reply;
  }

  @Override
  public void onEvent(String type, byte[] data, int length) {
    outputIndex = 0;
    delta = "";
    itemType = "";
    callId = "";
    name = "";
    incomplete = "";
    error = NONE;
    try (JsonParser json = JsonText.parser(data, length)) {
      json.nextToken();
      if (JsonText.atObject(json)) {
        understand(read(json, type));
      }
    }
  }

  private String read(JsonParser json, String otherwise) {
    String type = otherwise;
    String code = "";
    String message = "";
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      switch (member) {
        case "type" -> type = JsonText.scalar(json);
        case "delta" -> delta = JsonText.scalar(json);
        case "output_index" -> outputIndex = JsonText.count(json, 0);
        case "item" -> item(json);
        case "response" -> response(json);
        case "error" -> error = Refusal.readValue(json);
        case "code" -> code = JsonText.scalar(json);
        case "message" -> message = JsonText.scalar(json);
        default -> json.skipChildren();
      }
    }
    if (error.message().isEmpty()) {
      error = new Refusal("", code, message);
    }
    return type;
  }

  private void item(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      switch (member) {
        case "type" -> itemType = JsonText.scalar(json);
        case "call_id" -> callId = JsonText.scalar(json);
        case "name" -> name = JsonText.scalar(json);
        default -> json.skipChildren();
      }
    }
  }

  private void response(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      JsonToken value = json.nextToken();
      switch (member) {
        case "usage" -> reply.usage(JsonText.usage(json, reply.usage()));
        case "error" -> {
          if (value != JsonToken.VALUE_NULL) {
            error = Refusal.readValue(json);
          }
        }
        case "incomplete_details" -> incomplete(json);
        default -> json.skipChildren();
      }
    }
  }

  private void incomplete(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      if (member.equals("reason")) {
        incomplete = JsonText.scalar(json);
      } else {
        json.skipChildren();
      }
    }
  }

  private void understand(String type) {
    switch (type) {
      case "response.output_text.delta", "response.refusal.delta" -> reply.text(delta);
      case "response.reasoning_text.delta", "response.reasoning_summary_text.delta" ->
          reply.reasoning(delta);
      case "response.output_item.added" -> {
        if (itemType.equals("function_call") && calls.size() < MAX_CALLS) {
          calls.put(outputIndex, reply.toolCall(callId, name));
        }
      }
      case "response.function_call_arguments.delta" -> {
        Integer call = calls.get(outputIndex);
        if (call != null) {
          reply.toolArguments(call, delta);
        }
      }
      case "response.completed" -> {
        reply.reason(reply.toolCalls() > 0 ? FinishReason.TOOL_CALLS : FinishReason.STOP);
        reply.finish();
      }
      case "response.incomplete" -> {
        reply.reason(
            incomplete.equals("content_filter") ? FinishReason.FILTERED : FinishReason.LENGTH);
        reply.finish();
      }
      case "response.failed", "error" -> reply.fail(error.inStream());
      default -> {}
    }
  }
}
