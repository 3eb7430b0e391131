package dev.parley.conversation.budget;

import dev.parley.conversation.ModelRef;
import dev.parley.conversation.Persona;

/**
 * Who asked for a reply, and whom.
 *
 * @param persona its id
 * @param provider empty when nobody knows any more, as is {@code model}
 */
public record Asked(String user, String persona, String provider, String model) {
  public static Asked of(String user, Persona persona) {
    return new Asked(user, persona.ref().id(), persona.provider(), persona.model());
  }

  /** The same, as that model answered. */
  Asked answeredBy(ModelRef other) {
    return new Asked(user, persona, other.provider(), other.model());
  }
}
