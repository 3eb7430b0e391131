package dev.parley.conversation;

import dev.parley.conversation.provider.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Why a run failed.
 *
 * @param reason a lower-case word that stays the same; {@link Failure.Code} has more of them
 * @param message a sentence for people, without secrets
 * @param retryable whether asking again is worth it
 * @param retryAt before when it is not, in milliseconds since the Unix epoch, where that is known
 */
public record RunFailure(String reason, String message, boolean retryable, @Nullable Long retryAt) {
  /** The process or the upstream died in mid-reply and the provider cannot go on from a prefix. */
  public static final String INTERRUPTED = "interrupted";

  /** It was taken up as often as is allowed. */
  public static final String TOO_MANY_ATTEMPTS = "too-many-attempts";

  /** Who asked, or who was asked, may spend no more until {@link #retryAt}. */
  public static final String OVER_BUDGET = "over-budget";

  public RunFailure {
    Ids.foreign("failure reason", reason);
  }

  public RunFailure(String reason, String message, boolean retryable) {
    this(reason, message, retryable, null);
  }

  /**
   * As which a provider's failure ends a run; {@code RATE_LIMITED} is {@code rate-limited}.
   *
   * @param nowMillis since the Unix epoch; the upstream says how long from now, a run says when
   */
  public static RunFailure of(Failure failure, long nowMillis) {
    Duration after = failure.retryAfter();
    return new RunFailure(
        Fields.word(failure.code()),
        failure.message(),
        failure.retryable(),
        after == null ? null : nowMillis + after.toMillis());
  }
}
