package dev.parley.conversation.run;

import dev.parley.conversation.PersonaRef;
import java.util.Objects;

/**
 * A tool that a model asks for, approved where that is needed. Immutable.
 *
 * @param callId names the call within its run
 * @param argumentsJson as the model wrote them, which need not be JSON
 * @param person whose request the run answers
 * @param attempt 1, and one more each time the run is taken up and makes the call again
 */
public record ToolCall(
    String conversation,
    String run,
    String callId,
    String name,
    String argumentsJson,
    String person,
    PersonaRef persona,
    int attempt) {
  public ToolCall {
    Objects.requireNonNull(conversation, "conversation");
    Objects.requireNonNull(run, "run");
    Objects.requireNonNull(callId, "callId");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(argumentsJson, "argumentsJson");
    Objects.requireNonNull(person, "person");
    Objects.requireNonNull(persona, "persona");
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt: " + attempt + " (expected: >= 1)");
    }
  }
}
