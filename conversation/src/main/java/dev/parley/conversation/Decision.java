package dev.parley.conversation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer to a command. Immutable. */
public sealed interface Decision {
  /**
   * To be stored atomically, then applied. Without a fork: appended to the branch's stream when its
   * tail is {@code tail}. With one: the branch's stream is created as that fork, {@code events} its
   * first messages.
   *
   * @param tail offset of the last event that the decision rests on
   * @param announcement appended to the main branch afterwards, so that its followers hear of a new
   *     branch; what a crash leaves out is in {@link Conversation#unannounced()}
   */
  record Accepted(
      String branch,
      long tail,
      @Nullable Fork fork,
      List<ConversationEvent> events,
      @Nullable ConversationEvent announcement)
      implements Decision {
    public Accepted {
      events = List.copyOf(events);
      if (events.isEmpty()) {
        throw new IllegalArgumentException("events: none (expected: at least one)");
      }
    }
  }

  /** Where a branch begins: after {@code offset} of {@code source}. */
  record Fork(String source, long offset) {}

  /**
   * It is so already: a message seen before, a run stopped before. Nothing is stored.
   *
   * @param turn what the message became, if it was one
   * @param run that answers it, or that the command spoke of
   */
  record Unchanged(@Nullable String turn, @Nullable String run) implements Decision {}

  /** Nothing is stored; {@code message} says what was found and what was expected. */
  record Refused(Refusal refusal, String message) implements Decision {}
}
