package dev.parley.conversation.run;

import dev.parley.conversation.Refusal;
import org.jspecify.annotations.Nullable;

/** What became of a command. Immutable. */
public sealed interface Answer {
  /**
   * It is stored, or was so already.
   *
   * @param offset of the last event of the branch that it rests on or brought
   * @param turn what was said by it, if anything
   * @param run that answers it or that it spoke of, if any
   */
  record Done(String branch, long offset, @Nullable String turn, @Nullable String run)
      implements Answer {}

  /** Nothing was stored. */
  record Refused(Refusal refusal, String message) implements Answer {}
}
