package dev.parley.conversation.run;

import java.util.concurrent.CompletableFuture;

/** Where the tools of personas are called. Safe on any thread. */
public interface ToolBackend {
  /**
   * Calls a tool. Never blocks.
   *
   * <p>What went wrong is an outcome. The future is cancelled when the backend is closed first:
   * then nothing is known of the call, and whoever takes the run up makes it again. Cancelling it
   * gives the call up, which may have been carried out by then. It completes on a thread of the
   * backend's, so go on with {@code …Async} on the loop that owns the run.
   */
  CompletableFuture<ToolOutcome> call(ToolCall call);
}
