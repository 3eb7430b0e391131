package dev.parley.conversation;

import java.util.List;

/** Where a run is. Immutable; what everybody sees. */
public sealed interface RunState {
  /** Waits; 1 is the next of its branch. */
  record Queued(int position) implements RunState {}

  /** Asked of the provider; nothing has come yet. */
  record Starting() implements RunState {}

  record Streaming() implements RunState {}

  /**
   * Waits for tools.
   *
   * @param unapproved calls that wait for a person
   * @param running calls that wait for their result
   */
  record WaitingForTool(List<String> unapproved, List<String> running) implements RunState {
    public WaitingForTool {
      unapproved = List.copyOf(unapproved);
      running = List.copyOf(running);
    }
  }

  record Finished(FinishReason reason) implements RunState {}

  record Stopped(String by) implements RunState {}

  record Failed(RunFailure failure) implements RunState {}

  /** Whether it has come to its one end. */
  default boolean ended() {
    return switch (this) {
      case Queued _, Starting _, Streaming _, WaitingForTool _ -> false;
      case Finished _, Stopped _, Failed _ -> true;
    };
  }

  /** Whether it holds its branch: neither waiting for its turn nor over. */
  default boolean active() {
    return switch (this) {
      case Starting _, Streaming _, WaitingForTool _ -> true;
      case Queued _, Finished _, Stopped _, Failed _ -> false;
    };
  }
}
