package dev.parley.conversation.budget;

import dev.parley.conversation.RunFailure;
import dev.parley.conversation.Usage;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps what replies take, and says who may have more. Safe on any thread; nothing blocks. */
public interface Accounts {
  /** Nothing is kept, and everybody may. */
  Accounts NONE =
      new Accounts() {
        @Override
        public @Nullable RunFailure refusal(Asked asked, long nowMillis) {
          return null;
        }

        @Override
        public CompletableFuture<?> record(String run, Asked asked, Usage usage, long atMillis) {
          return CompletableFuture.completedFuture(null);
        }
      };

  /** Why a reply is not begun, {@code null} when it may be. */
  @Nullable RunFailure refusal(Asked asked, long nowMillis);

  /**
   * Keeps what a run took that has ended, once however often it is told.
   *
   * @param atMillis when it ended
   * @return completes when it is stored
   */
  CompletableFuture<?> record(String run, Asked asked, Usage usage, long atMillis);
}
