package dev.parley.conversation.limit;

import dev.parley.conversation.provider.Failure;

/** What comes of asking for a slot. */
public sealed interface Admission permits Ticket, Admission.Refused {
  /** Too many wait already. */
  record Refused(Failure failure) implements Admission {}
}
