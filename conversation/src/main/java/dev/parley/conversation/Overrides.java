package dev.parley.conversation;

import dev.parley.conversation.provider.Parameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one reply beside or in place of what its persona is. Immutable.
 *
 * <p>It is stored with the request for the reply, so that a reply which is taken up after a crash
 * is the one that was asked for, and no persona changes for it.
 *
 * @param prompt what is told after the persona's own prompt; empty for nothing
 * @param parameters those that are set are in place of the persona's
 * @param tools in place of the persona's, and called by whoever asks: a call ends the reply with
 *     {@link FinishReason#TOOL_CALLS}. {@code null} for the persona's
 * @param note what the wire wants to remember of the request, a JSON object; empty for nothing
 */
public record Overrides(
    String prompt, Parameters parameters, @Nullable List<Persona.Tool> tools, String note) {
  public Overrides {
    tools = tools == null ? null : List.copyOf(tools);
    if (tools != null
        && tools.stream().map(Persona.Tool::name).distinct().count() != tools.size()) {
      throw new IllegalArgumentException("tools: a name twice (expected: each once)");
    }
  }

  /** Who answers, for this reply alone. */
  public Persona applied(Persona to) {
    String told =
        to.prompt().isEmpty() || prompt.isEmpty()
            ? to.prompt() + prompt
            : to.prompt() + "\n\n" + prompt;
    return new Persona(
        to.ref(),
        to.name(),
        told,
        to.model(),
        to.provider(),
        parameters.over(to.parameters()),
        tools == null ? to.tools() : tools,
        to.voice(),
        to.cacheSeconds());
  }
}
