package dev.parley.wire.aisdk;

import dev.parley.conversation.TurnPart;
import dev.parley.transport.HttpError;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Parts of a person's UI message as parts of a turn, and back. Stateless. */
final class UiParts {
  private UiParts() {}

  /** What a person says; kinds that only a reply has are refused. */
  static List<TurnPart> read(JsonNode parts) {
    List<TurnPart> read = new ArrayList<>();
    for (JsonNode part : parts) {
      String type = ReplyState.string(part, "type");
      switch (type) {
        case null -> throw Refused.bad("message.parts.type: missing (expected: a kind of part)");
        case "text" -> read.add(new TurnPart.Text(text(part, "text")));
        case "file" ->
            read.add(
                new TurnPart.File(
                    part.path("filename").asString(""),
                    text(part, "mediaType"),
                    text(part, "url")));
        case "step-start" -> {}
        case "reasoning", "dynamic-tool" -> throw foreign(type);
        default -> {
          if (type.startsWith("tool-")) {
            throw foreign(type);
          }
          read.add(new TurnPart.Unknown(Chunks.JSON.writeValueAsString(part)));
        }
      }
    }
    return read;
  }

  private static HttpError foreign(String type) {
    return Refused.bad("message.parts.type: " + type + " (expected: what a person says)");
  }

  private static String text(JsonNode part, String field) {
    String text = ReplyState.string(part, field);
    if (text == null) {
      throw Refused.bad("message.parts." + field + ": missing (expected: a string)");
    }
    return text;
  }

  /** Adds a part, but for calls of tools and their results, which belong together. */
  static void write(TurnPart part, ArrayNode to) {
    switch (part) {
      case TurnPart.Text it -> to.addObject().put("type", "text").put("text", it.text());
      case TurnPart.Reasoning it ->
          to.addObject().put("type", "reasoning").put("text", it.text()).put("state", "done");
      case TurnPart.File it -> {
        ObjectNode file = to.addObject().put("type", "file").put("mediaType", it.mediaType());
        file.put("url", it.url());
        if (!it.name().isEmpty()) {
          file.put("filename", it.name());
        }
      }
      case TurnPart.Unknown it -> {
        try {
          to.add(Chunks.JSON.readTree(it.json()));
        } catch (JacksonException e) {
          return; // nothing that a page could show
        }
      }
      case TurnPart.ToolCall _, TurnPart.ToolResult _ -> {}
    }
  }
}
