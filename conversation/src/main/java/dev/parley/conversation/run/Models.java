package dev.parley.conversation.run;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.budget.Accounts;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.provider.Provider;
import org.jspecify.annotations.Nullable;

/** Who can answer, and by what. Safe on any thread; no method blocks. */
public interface Models {
  /** A persona in that version, {@code null} for none. */
  @Nullable Persona persona(PersonaRef ref);

  /** The newest version of a persona, {@code null} for none. */
  @Nullable Persona newest(String persona);

  /** What answers for a persona, {@code null} for nothing. */
  @Nullable Provider provider(Persona persona);

  /** How many replies that has at once, {@code null} for any number. */
  @Nullable Slots slots(Persona persona);

  /** Who keeps what replies take, and says who may have more of them. */
  default Accounts accounts() {
    return Accounts.NONE;
  }
}
