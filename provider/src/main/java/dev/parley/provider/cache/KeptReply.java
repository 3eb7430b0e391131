package dev.parley.provider.cache;

import dev.parley.conversation.provider.Delta;
import java.util.List;

/**
 * A whole reply: text and reasoning only, and it stopped by itself. Immutable. Giving it again
 * takes nothing.
 */
public record KeptReply(List<Delta> deltas) {
  public KeptReply {
    deltas = List.copyOf(deltas);
  }

  /** About what it takes in memory. */
  int bytes() {
    long bytes = 256;
    for (Delta delta : deltas) {
      bytes += 96 + 2L * length(delta);
    }
    return (int) Math.min(bytes, Integer.MAX_VALUE);
  }

  static int length(Delta delta) {
    return switch (delta) {
      case Delta.Text text -> text.text().length();
      case Delta.Reasoning reasoning -> reasoning.text().length();
      case Delta.ToolCall _, Delta.ToolArguments _ -> 0;
    };
  }
}
