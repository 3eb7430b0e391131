package dev.parley.conversation.request;

import dev.parley.stream.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A run in one answer: what the messages of its stream come to. Confined to who asks. */
final class RunStatus {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final Map<String, Asked> calls = new LinkedHashMap<>(); // of turns before, by id
  private final Map<Integer, Asked> speaking = new LinkedHashMap<>(); // of this turn, by index

  private RunStatus() {}

  /** A call of a tool. */
  private static final class Asked {
    final ObjectNode json = JsonNodeFactory.instance.objectNode();
    final StringBuilder arguments = new StringBuilder();

    ObjectNode json() {
      return json.put("arguments", arguments.toString());
    }
  }

  static ObjectNode of(List<Message> messages) {
    RunStatus status = new RunStatus();
    for (Message message : messages) {
      JsonNode node = tree(message);
      if (node != null) {
        status.take(node);
      }
    }
    return status.json(messages.isEmpty() ? 0 : messages.getLast().offset());
  }

  private static @Nullable JsonNode tree(Message message) {
    try {
      JsonNode node = JSON.readTree(message.bytes());
      return node.isObject() ? node : null;
    } catch (JacksonException e) {
      return null; // somebody with the right to append wrote it
    }
  }

  private void take(JsonNode node) {
    if (node.has("state")) {
      state(node);
    } else if (node.has("text")) {
      text.append(node.path("text").asString(""));
    } else if (node.has("reasoning")) {
      reasoning.append(node.path("reasoning").asString(""));
    } else if (node.has("result")) {
      Asked call = calls.get(node.path("id").asString(""));
      if (call != null) {
        call.json.put("result", node.path("result").asString(""));
      }
    } else if (node.has("call")) {
      Asked call = speaking.computeIfAbsent(node.path("call").asInt(-1), _ -> new Asked());
      if (node.has("arguments")) {
        call.arguments.append(node.path("arguments").asString(""));
      } else {
        call.json.set("id", node.path("id"));
        call.json.set("name", node.path("name"));
      }
    } else if (node.has("run")) {
      json.set("run", node.path("run"));
      json.set("conversation", node.path("conversation"));
      json.set("branch", node.path("branch"));
      json.put("ai", true);
    }
  }

  private void state(JsonNode node) {
    json.remove(List.of("position", "reason", "message", "retryable", "by"));
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getKey().equals("calls")) {
        json.set(field.getKey(), field.getValue());
      }
    }
    String state = node.path("state").asString("");
    if (state.equals("starting")) {
      speaking.clear(); // half a call is said anew
    } else if (state.equals("waiting-for-tool")) {
      waits(node.path("calls"));
    }
  }

  /** The calls of the turn, in their order, under the names that are theirs alone in the run. */
  private void waits(JsonNode waiting) {
    List<Asked> said = List.copyOf(speaking.values());
    speaking.clear();
    for (int i = 0; i < waiting.size(); i++) {
      Asked call = i < said.size() ? said.get(i) : new Asked();
      call.json.set("id", waiting.get(i).path("id"));
      call.json.set("name", waiting.get(i).path("name"));
      if (waiting.get(i).path("approval").asBoolean(false)) {
        call.json.put("approval", true);
      }
      calls.put(waiting.get(i).path("id").asString(""), call);
    }
  }

  private ObjectNode json(long offset) {
    json.put("text", text.toString()).put("reasoning", reasoning.toString());
    ArrayNode array = json.putArray("calls");
    calls.values().forEach(call -> array.add(call.json()));
    speaking.values().forEach(call -> array.add(call.json()));
    return json.put("offset", offset);
  }
}
