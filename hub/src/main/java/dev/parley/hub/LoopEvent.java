package dev.parley.hub;

/** What a shard tells an event loop. Carried out on the loop, in order. */
sealed interface LoopEvent {
  /** News of a stream: messages, or that it was closed. */
  record Arrived(Audience audience, Delivery delivery) implements LoopEvent {}

  /** From here on the follower's audience hears of every commit. */
  record Admitted(Audience audience, Following following) implements LoopEvent {}

  /** Commits were missed; the store has them. */
  record Behind(Audience audience) implements LoopEvent {}

  /** The stream is gone; another may have its path already. */
  record Deleted(Audience audience, long streamId) implements LoopEvent {}

  /** Nobody of the audience follows any more. */
  record Gone(Audience audience, Follower.End end) implements LoopEvent {}
}
