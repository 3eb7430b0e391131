package dev.parley.wire.openai;

import dev.parley.conversation.TurnPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Something said in a request, by one speaker. Immutable. */
record Input(Speaker speaker, List<TurnPart> parts) {
  enum Speaker {
    USER,
    ASSISTANT,
    TOOL
  }

  Input {
    parts = List.copyOf(parts);
  }

  boolean isAnswer() {
    return speaker == Speaker.ASSISTANT;
  }

  /**
   * The same with each call of a tool under a name of its own: models use names again, and results
   * are found by them. Calls that stand alone join what was said before them.
   */
  static List<Input> settled(List<Input> inputs) {
    Map<String, Integer> uses = new HashMap<>();
    Map<String, String> names = new HashMap<>(); // newest call of each name
    List<Input> settled = new ArrayList<>();
    for (Input input : inputs) {
      List<TurnPart> parts = new ArrayList<>();
      for (TurnPart part : input.parts) {
        parts.add(
            switch (part) {
              case TurnPart.ToolCall call -> {
                int use = uses.merge(call.id(), 1, Integer::sum);
                names.put(call.id(), use == 1 ? call.id() : call.id() + "-" + use);
                yield new TurnPart.ToolCall(
                    names.get(call.id()), call.name(), call.argumentsJson());
              }
              case TurnPart.ToolResult result ->
                  new TurnPart.ToolResult(
                      names.getOrDefault(result.callId(), result.callId()), result.json());
              case TurnPart.Text _, TurnPart.Reasoning _, TurnPart.File _, TurnPart.Unknown _ ->
                  part;
            });
      }
      boolean callsAlone = parts.stream().allMatch(TurnPart.ToolCall.class::isInstance);
      if (input.isAnswer() && callsAlone && !settled.isEmpty() && settled.getLast().isAnswer()) {
        parts.addAll(0, settled.removeLast().parts());
      }
      settled.add(new Input(input.speaker, parts));
    }
    return settled;
  }
}
