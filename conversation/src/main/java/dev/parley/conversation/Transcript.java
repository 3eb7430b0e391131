package dev.parley.conversation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * Turns as providers want them: the results of tool calls right behind the turn that made them, and
 * none missing, whatever was said meanwhile and however the run ended.
 */
final class Transcript {
  private static final String NO_RESULT = "{\"error\":\"no result: the reply ended first\"}";

  private Transcript() {}

  /** What a model is told when a person said no. */
  static String denied(String reason) {
    return "{\"error\":\"denied\",\"reason\":\""
        + new String(JsonStringEncoder.getInstance().quoteAsCharArray(reason))
        + "\"}";
  }

  /** Results belong to the calls of the same run: models use the same names of calls again. */
  private record Key(@Nullable String run, String call) {}

  static List<Turn> settled(List<Turn> turns) {
    Map<Key, Turn> results = new LinkedHashMap<>();
    for (Turn turn : turns) {
      if (turn.author() instanceof Author.Tool) {
        for (TurnPart part : turn.parts()) {
          if (part instanceof TurnPart.ToolResult result) {
            results.putIfAbsent(new Key(turn.run(), result.callId()), turn);
          }
        }
      }
    }
    List<Turn> settled = new ArrayList<>(turns.size());
    for (Turn turn : turns) {
      if (turn.author() instanceof Author.Tool) {
        continue;
      }
      settled.add(turn);
      if (turn.author() instanceof Author.OfPersona) {
        for (TurnPart part : turn.parts()) {
          if (part instanceof TurnPart.ToolCall call) {
            Turn result = results.get(new Key(turn.run(), call.id()));
            settled.add(result != null ? result : missing(turn, call));
          }
        }
      }
    }
    return settled;
  }

  private static Turn missing(Turn turn, TurnPart.ToolCall call) {
    return new Turn(
        turn.id() + "." + call.id(),
        new Author.Tool(call.name()),
        false,
        List.of(new TurnPart.ToolResult(call.id(), NO_RESULT)),
        turn.run(),
        turn.offset(),
        turn.at());
  }
}
