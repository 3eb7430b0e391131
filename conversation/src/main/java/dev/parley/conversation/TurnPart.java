package dev.parley.conversation;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A piece of a turn. Immutable. {@code extra} is a JSON object of the fields this version does not
 * know, empty when there are none: they are kept and passed on.
 */
public sealed interface TurnPart {
  String extra();

  record Text(String text, String extra) implements TurnPart {
    public Text(String text) {
      this(text, "");
    }
  }

  /** What a model thought before it spoke. */
  record Reasoning(String text, String extra) implements TurnPart {
    public Reasoning(String text) {
      this(text, "");
    }
  }

  /** A file by reference; its bytes are elsewhere. */
  record File(String name, String mediaType, String url, String extra) implements TurnPart {
    public File(String name, String mediaType, String url) {
      this(name, mediaType, url, "");
    }
  }

  /**
   * A model asks for a tool.
   *
   * @param argumentsJson as the model wrote them, which need not be JSON
   */
  record ToolCall(String id, String name, String argumentsJson, String extra) implements TurnPart {
    public ToolCall {
      Ids.foreign("tool call id", id);
      Ids.foreign("tool name", name);
    }

    public ToolCall(String id, String name, String argumentsJson) {
      this(id, name, argumentsJson, "");
    }
  }

  /** What a tool answered, as its text. */
  record ToolResult(String callId, String json, String extra) implements TurnPart {
    public ToolResult {
      Ids.foreign("tool call id", callId);
    }

    public ToolResult(String callId, String json) {
      this(callId, json, "");
    }
  }

  /** A kind this version does not know: its whole JSON object, kept and passed on. */
  record Unknown(String json) implements TurnPart {
    @Override
    public String extra() {
      return "";
    }
  }

  /** Bytes of UTF-8 in the texts of a part, by which turns are limited. */
  default int size() {
    return bytes(extra())
        + switch (this) {
          case Text part -> bytes(part.text());
          case Reasoning part -> bytes(part.text());
          case File part -> bytes(part.name()) + bytes(part.mediaType()) + bytes(part.url());
          case ToolCall part -> bytes(part.id()) + bytes(part.name()) + bytes(part.argumentsJson());
          case ToolResult part -> bytes(part.callId()) + bytes(part.json());
          case Unknown part -> bytes(part.json());
        };
  }

  /** That of all of them. */
  static long size(List<TurnPart> parts) {
    return parts.stream().mapToLong(TurnPart::size).sum();
  }

  private static int bytes(String text) {
    return text.isEmpty() ? 0 : text.getBytes(StandardCharsets.UTF_8).length;
  }
}
