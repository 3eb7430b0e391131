package dev.parley.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Parts of turns as JSON and back. Safe on any thread.
 *
 * <p>Arguments and results of tools are strings that hold JSON: what a model or a backend wrote
 * stays as it is, byte for byte, and need not be well-formed.
 */
final class PartJson {
  private final BoundedJson bounded;
  private final JsonMapper mapper;

  PartJson(BoundedJson bounded) {
    this.bounded = bounded;
    this.mapper = bounded.mapper();
  }

  ArrayNode write(List<TurnPart> parts) {
    ArrayNode array = mapper.createArrayNode();
    parts.forEach(part -> array.add(write(part)));
    return array;
  }

  private ObjectNode write(TurnPart part) {
    ObjectNode node = mapper.createObjectNode();
    switch (part) {
      case TurnPart.Text it -> node.put("type", "text").put("text", it.text());
      case TurnPart.Reasoning it -> node.put("type", "reasoning").put("text", it.text());
      case TurnPart.File it ->
          node.put("type", "file")
              .put("name", it.name())
              .put("mediaType", it.mediaType())
              .put("url", it.url());
      case TurnPart.ToolCall it ->
          node.put("type", "tool-call")
              .put("id", it.id())
              .put("name", it.name())
              .put("arguments", it.argumentsJson());
      case TurnPart.ToolResult it ->
          node.put("type", "tool-result").put("callId", it.callId()).put("result", it.json());
      case TurnPart.Unknown it -> {
        return object("part", it.json());
      }
    }
    if (!part.extra().isEmpty()) {
      object("part", part.extra())
          .properties()
          .forEach(field -> node.putIfAbsent(field.getKey(), field.getValue()));
    }
    return node;
  }

  List<TurnPart> read(Fields of) {
    List<TurnPart> parts = new ArrayList<>();
    for (JsonNode node : of.array("parts")) {
      parts.add(part(Fields.of("part", node)));
    }
    return parts;
  }

  private TurnPart part(Fields part) {
    return switch (part.text("type")) {
      case "text" -> new TurnPart.Text(part.text("text"), extra(part, "text"));
      case "reasoning" -> new TurnPart.Reasoning(part.text("text"), extra(part, "text"));
      case "file" ->
          new TurnPart.File(
              part.text("name"),
              part.text("mediaType"),
              part.text("url"),
              extra(part, "name", "mediaType", "url"));
      case "tool-call" ->
          new TurnPart.ToolCall(
              part.text("id"),
              part.text("name"),
              part.text("arguments"),
              extra(part, "id", "name", "arguments"));
      case "tool-result" ->
          new TurnPart.ToolResult(
              part.text("callId"), part.text("result"), extra(part, "callId", "result"));
      default -> new TurnPart.Unknown(mapper.writeValueAsString(part.node()));
    };
  }

  private String extra(Fields part, String... known) {
    if (part.node().size() == known.length + 1) {
      return "";
    }
    ObjectNode extra = ((ObjectNode) part.node()).deepCopy();
    extra.remove("type");
    extra.remove(Set.of(known));
    return mapper.writeValueAsString(extra);
  }

  /** What was kept of an unknown kind. */
  ObjectNode object(String key, String json) {
    if (bounded.tree(key, json) instanceof ObjectNode object) {
      return object;
    }
    throw new IllegalArgumentException(key + ": " + Ids.quoted(json) + " (expected: an object)");
  }
}
