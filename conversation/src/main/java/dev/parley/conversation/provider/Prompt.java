package dev.parley.conversation.provider;

import dev.parley.conversation.TurnPart;
import java.util.List;
import java.util.Objects;

/**
 * What a reply answers. The same prompt becomes the same bytes upstream, and a longer conversation
 * begins with the bytes of the shorter one, so that caches of prefixes hit.
 *
 * @param turns oldest first; what a persona is told comes as {@link PromptRole#SYSTEM}
 * @param user an opaque name of who asks, for the upstream's abuse control; empty for nobody
 * @param prefix what the reply already says, to be continued from; empty at the start
 */
public record Prompt(
    String model,
    List<PromptTurn> turns,
    Parameters parameters,
    List<Tool> tools,
    String user,
    String prefix) {
  public Prompt {
    if (model.isBlank()) {
      throw new IllegalArgumentException("prompt.model: \"" + model + "\" (expected: a name)");
    }
    turns = List.copyOf(turns);
    Objects.requireNonNull(parameters);
    tools = List.copyOf(tools);
    Objects.requireNonNull(user);
    Objects.requireNonNull(prefix);
  }

  /** A prompt without tools, parameters, user and prefix. */
  public static Prompt of(String model, PromptTurn... turns) {
    return new Prompt(model, List.of(turns), Parameters.NONE, List.of(), "", "");
  }

  /** About how large it is, in UTF-8, as a model reads it. */
  public long bytes() {
    long bytes = prefix.length();
    for (PromptTurn turn : turns) {
      bytes += TurnPart.size(turn.parts());
    }
    for (Tool tool : tools) {
      bytes += tool.description().length() + tool.parametersSchemaJson().length();
    }
    return bytes;
  }

  /** The same, of which the reply already says {@code text}. */
  public Prompt continuing(String text) {
    return new Prompt(model, turns, parameters, tools, user, text);
  }

  /** The same, asked of another model. */
  public Prompt with(String otherModel) {
    return new Prompt(otherModel, turns, parameters, tools, user, prefix);
  }
}
