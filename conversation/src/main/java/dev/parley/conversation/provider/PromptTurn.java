package dev.parley.conversation.provider;

import dev.parley.conversation.TurnPart;
import java.util.List;
import java.util.Objects;

/** What a model reads as said by one speaker in one go. Immutable. */
public record PromptTurn(PromptRole role, List<TurnPart> parts) {
  public PromptTurn {
    Objects.requireNonNull(role);
    parts = List.copyOf(parts);
  }

  public static PromptTurn system(String text) {
    return new PromptTurn(PromptRole.SYSTEM, List.of(new TurnPart.Text(text)));
  }

  public static PromptTurn user(String text) {
    return new PromptTurn(PromptRole.USER, List.of(new TurnPart.Text(text)));
  }

  public static PromptTurn assistant(String text) {
    return new PromptTurn(PromptRole.ASSISTANT, List.of(new TurnPart.Text(text)));
  }
}
