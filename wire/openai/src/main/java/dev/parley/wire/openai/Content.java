package dev.parley.wire.openai;

import dev.parley.conversation.Persona;
import dev.parley.conversation.TurnPart;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What both APIs write alike: contents of messages, and tools. Stateless. */
final class Content {
  private static final String ANY_ARGUMENTS = "{\"type\":\"object\"}";

  private Content() {}

  /** A string, or an array of parts. */
  static List<TurnPart> parts(String where, JsonNode content) {
    if (content.isString()) {
      return content.stringValue().isEmpty()
          ? List.of()
          : List.of(new TurnPart.Text(content.stringValue()));
    }
    if (!content.isArray()) {
      throw Fields.wrong(where, content, "a string or an array of parts");
    }
    List<TurnPart> parts = new ArrayList<>();
    for (JsonNode node : content.values()) {
      parts.add(part(Fields.of(where + "[" + parts.size() + "]", node)));
    }
    return parts;
  }

  private static TurnPart part(Fields part) {
    String type = part.text("type");
    return switch (type) {
      case "text", "input_text", "output_text" -> new TurnPart.Text(part.text("text"));
      case "refusal" -> new TurnPart.Text(part.text("refusal"));
      case "image_url" -> image(part.object("image_url").text("url"));
      case "input_image" -> {
        if (!part.has("image_url")) {
          throw ApiError.unsupported(
              part.where() + "file_id", "files are not kept here (expected: image_url)");
        }
        yield image(part.text("image_url"));
      }
      default -> new TurnPart.Unknown(part.node().toString()); // for an upstream that knows it
    };
  }

  private static TurnPart image(String url) {
    int end = url.startsWith("data:image/") ? url.indexOf(';') : -1;
    return new TurnPart.File("image", end < 0 ? "image/*" : url.substring(5, end), url);
  }

  /** The texts of a content, for instructions and results of tools. */
  static String text(String where, JsonNode content) {
    StringBuilder text = new StringBuilder();
    for (TurnPart part : parts(where, content)) {
      text.append(
          switch (part) {
            case TurnPart.Text it -> it.text();
            case TurnPart.Unknown it -> it.json();
            case TurnPart.File it -> it.url();
            case TurnPart.Reasoning _, TurnPart.ToolCall _, TurnPart.ToolResult _ -> "";
          });
    }
    return text.toString();
  }

  /**
   * The tools of a request, {@code null} when it has none.
   *
   * @param nested whether a function stands in a member of that name
   */
  static @Nullable List<Persona.Tool> tools(Fields request, boolean nested) {
    List<Persona.Tool> tools = new ArrayList<>();
    for (JsonNode node : request.array("tools")) {
      Fields tool = Fields.of("tools[" + tools.size() + "]", node);
      if (!tool.text("type").equals("function")) {
        throw ApiError.unsupported(
            tool.where() + "type",
            tool.where() + "type: " + tool.get("type") + " (expected: function)");
      }
      Fields function = nested ? tool.object("function") : tool;
      tools.add(
          new Persona.Tool(
              function.text("name"),
              function.text("description", ""),
              function.has("parameters")
                  ? function.object("parameters").node().toString()
                  : ANY_ARGUMENTS,
              false));
    }
    return tools.isEmpty() ? null : tools;
  }

  /** Metadata as it may be: up to 16 short strings. */
  static ObjectNode metadata(Fields request) {
    ObjectNode metadata = Fields.JSON.createObjectNode();
    if (request.has("metadata")) {
      Fields given = request.object("metadata");
      if (given.node().size() > 16) {
        throw Fields.wrong("metadata", given.node(), "at most 16 members");
      }
      for (String key : given.node().propertyNames()) {
        String value = given.text(key);
        if (key.length() > 64 || value.length() > 512) {
          throw Fields.wrong("metadata", given.node(), "names <= 64, values <= 512 characters");
        }
        metadata.put(key, value);
      }
    }
    return metadata;
  }
}
