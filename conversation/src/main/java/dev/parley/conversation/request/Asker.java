package dev.parley.conversation.request;

import dev.parley.conversation.Refusal;
import dev.parley.hub.Caller;
import dev.parley.stream.Quotable;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a request. Immutable.
 *
 * @param claimed who they say they are, which counts where no keys are configured
 */
public record Asker(Caller caller, @Nullable String claimed) {
  private static final String NOBODY_IN_PARTICULAR = "me";
  private static final int LONGEST_PERSON = 256;

  /** Whether tokens tell who somebody is, and not they themselves. */
  public boolean keyed() {
    return caller.subject() != null;
  }

  /** Their name. */
  public String person() {
    String subject = caller.subject();
    if (subject != null) {
      if (subject.isEmpty()) {
        throw RequestRefused.of(
            Refusal.FORBIDDEN, "access token: no subject (expected: the claim sub, a person)");
      }
      return subject;
    }
    String person = claimed;
    if (person == null || person.isEmpty()) {
      return NOBODY_IN_PARTICULAR;
    }
    if (person.length() > LONGEST_PERSON || person.chars().anyMatch(Character::isISOControl)) {
      throw RequestRefused.badField(
          "person: "
              + Quotable.of(person)
              + " (expected: at most "
              + LONGEST_PERSON
              + " characters, no control characters)");
    }
    return person;
  }

  /** Who reads: a person, or {@code null} for one who may see everything and is none. */
  public @Nullable String reader() {
    return readsAll() && "".equals(caller.subject()) ? null : person();
  }

  /** Whether membership is not asked for. */
  public boolean readsAll() {
    return keyed() && caller.mayAdministrate();
  }
}
