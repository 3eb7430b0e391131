package dev.parley.hub;

import dev.parley.stream.Commit;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What other threads ask of a shard. Immutable; carried out on the shard thread, in order. */
sealed interface Command {
  /** Commits of one group, in feed order. */
  record Committed(List<Commit> commits, long atNanos) implements Command {}

  /** Commits were refused here, at this place in the order. */
  record Overrun() implements Command {}

  record Join(Following following) implements Command {}

  /** One follower of {@code audience} is gone. */
  record Left(Audience audience) implements Command {}

  /** Tell every follower to come back later; done when every loop has. */
  record Drain(CompletableFuture<Void> done) implements Command {}

  record Stop() implements Command {}
}
