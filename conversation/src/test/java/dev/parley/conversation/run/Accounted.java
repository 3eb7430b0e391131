package dev.parley.conversation.run;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.budget.Accounts;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.provider.Provider;
import org.jspecify.annotations.Nullable;

/** Those of a roster, with accounts. */
public record Accounted(Roster roster, Accounts accounts) implements Models {
  @Override
  public @Nullable Persona persona(PersonaRef ref) {
    return roster.persona(ref);
  }

  @Override
  public @Nullable Persona newest(String persona) {
    return roster.newest(persona);
  }

  @Override
  public @Nullable Provider provider(Persona persona) {
    return roster.provider(persona);
  }

  @Override
  public @Nullable Slots slots(Persona persona) {
    return roster.slots(persona);
  }
}
