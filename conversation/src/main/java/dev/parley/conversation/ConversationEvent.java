package dev.parley.conversation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a conversation. Immutable. {@code at} is in milliseconds since the
 * Unix epoch, {@code by} a person.
 *
 * <p>An event does not name its branch: it stands in that branch's stream. Those of the
 * conversation as a whole, from {@link Created} to {@link BranchAdded}, stand in the main branch.
 */
public sealed interface ConversationEvent {
  long at();

  record Created(String conversation, String by, String title, PersonaRef persona, long at)
      implements ConversationEvent {}

  record Renamed(String title, String by, long at) implements ConversationEvent {}

  record Archived(String by, long at) implements ConversationEvent {}

  record Restored(String by, long at) implements ConversationEvent {}

  /** The end: what runs is stopped by it. */
  record Deleted(String by, long at) implements ConversationEvent {}

  /** Also when a member's role changes. */
  record MemberJoined(String person, Role role, String by, long at) implements ConversationEvent {}

  record MemberLeft(String person, String by, long at) implements ConversationEvent {}

  /** Tells the followers of the main branch about another one. */
  record BranchAdded(String branch, String source, long offset, String by, long at)
      implements ConversationEvent {}

  /**
   * The first own event of a branch.
   *
   * @param offset the last that it shares with {@code source}
   * @param replaces the turn of the source that is said differently from here on
   */
  record BranchedOff(String source, long offset, String replaces, String by, long at)
      implements ConversationEvent {}

  /**
   * A turn was said.
   *
   * @param run the run that wrote it or that it steers
   * @param clientMessageId by which its sender knows it
   */
  record TurnAdded(
      String turn,
      Author author,
      boolean ai,
      List<TurnPart> parts,
      @Nullable String run,
      @Nullable String clientMessageId,
      long at)
      implements ConversationEvent {
    public TurnAdded {
      parts = List.copyOf(parts);
      if (!ai && author instanceof Author.OfPersona) {
        throw new IllegalArgumentException("ai: false (expected: true for a persona's turn)");
      }
    }
  }

  /**
   * A reply was asked for.
   *
   * @param turn what it answers: the last turn of the branch, or {@code waiting}
   * @param persona who is addressed, or {@code null} for whoever it is when the run starts
   * @param waiting a message that becomes a turn when the run starts
   * @param ahead whether it goes before those that wait
   * @param overrides what is asked of this reply alone, or {@code null} for nothing
   */
  record RunRequested(
      String run,
      String by,
      @Nullable String turn,
      @Nullable PersonaRef persona,
      @Nullable Message waiting,
      boolean ahead,
      @Nullable Overrides overrides,
      long at)
      implements ConversationEvent {}

  /** What a person said that is no turn yet. */
  record Message(String turn, boolean ai, List<TurnPart> parts, @Nullable String clientMessageId) {
    public Message {
      parts = List.copyOf(parts);
    }
  }

  record RunStarted(String run, PersonaRef persona, Lease lease, long at)
      implements ConversationEvent {}

  /** The first of the reply has been shown. */
  record RunStreaming(String run, long at) implements ConversationEvent {}

  /** The turn before this event was said into the reply, which goes on with it in mind. */
  record RunSteered(String run, String turn, String by, long at) implements ConversationEvent {}

  record RunLeased(String run, Lease lease, Resumption how, long at) implements ConversationEvent {}

  record RunStopped(String run, String by, long at) implements ConversationEvent {}

  /** What it said is the turn before this event. */
  record RunFinished(String run, FinishReason reason, Usage usage, long at)
      implements ConversationEvent {}

  record RunFailed(String run, RunFailure failure, Usage usage, long at)
      implements ConversationEvent {}

  /** The arguments are in the turn before these events. */
  record ToolCalled(String run, String call, String name, boolean needsApproval, long at)
      implements ConversationEvent {}

  record ToolApproved(String run, String call, String by, long at) implements ConversationEvent {}

  record ToolDenied(String run, String call, String by, String reason, long at)
      implements ConversationEvent {}

  record ToolReturned(String run, String call, String json, long at) implements ConversationEvent {}

  /** For the runs that start from here on. */
  record PersonaSwitched(PersonaRef persona, String by, long at) implements ConversationEvent {}

  record ReadUpTo(String person, long offset, long at) implements ConversationEvent {}

  /** A kind this version does not know: its whole JSON, skipped here and passed on. */
  record Unknown(String type, String json, long at) implements ConversationEvent {}
}
