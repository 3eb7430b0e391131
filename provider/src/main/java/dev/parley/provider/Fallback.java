package dev.parley.provider;

import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.Provider;
import java.util.Objects;

/**
 * One provider of a chain.
 *
 * @param model what to ask it for; empty for what the prompt says
 */
public record Fallback(Provider provider, String model) {
  public Fallback {
    Objects.requireNonNull(provider);
    Objects.requireNonNull(model);
  }

  Prompt adapt(Prompt prompt) {
    return model.isEmpty() ? prompt : prompt.with(model);
  }
}
