package dev.parley.conversation.provider;

import java.util.Objects;

/** What a reply has more than a moment ago. */
public sealed interface Delta {
  record Text(String text) implements Delta {
    public Text {
      Objects.requireNonNull(text);
    }
  }

  record Reasoning(String text) implements Delta {
    public Reasoning {
      Objects.requireNonNull(text);
    }
  }

  /**
   * A tool call begins; its arguments follow.
   *
   * @param index which of the reply's calls, from 0; calls begin in the order of their index
   */
  record ToolCall(int index, String id, String name) implements Delta {
    public ToolCall {
      if (index < 0) {
        throw new IllegalArgumentException("tool-call.index: " + index + " (expected: >= 0)");
      }
      Objects.requireNonNull(id);
      Objects.requireNonNull(name);
    }
  }

  /** A further piece of the JSON of a call that has begun; not JSON by itself. */
  record ToolArguments(int index, String json) implements Delta {
    public ToolArguments {
      if (index < 0) {
        throw new IllegalArgumentException("tool-arguments.index: " + index + " (expected: >= 0)");
      }
      Objects.requireNonNull(json);
    }
  }
}
