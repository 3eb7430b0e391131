package dev.parley.conversation;

import dev.parley.conversation.provider.Failure;

/**
 * Why a run failed.
 *
 * @param reason a lower-case word that stays the same; {@link Failure.Code} has more of them
 * @param message a sentence for people, without secrets
 * @param retryable whether asking again is worth it
 */
public record RunFailure(String reason, String message, boolean retryable) {
  /** The process or the upstream died in mid-reply and the provider cannot go on from a prefix. */
  public static final String INTERRUPTED = "interrupted";

  /** It was taken up as often as is allowed. */
  public static final String TOO_MANY_ATTEMPTS = "too-many-attempts";

  public RunFailure {
    Ids.foreign("failure reason", reason);
  }

  /** As which a provider's failure ends a run; {@code RATE_LIMITED} is {@code rate-limited}. */
  public static RunFailure of(Failure failure) {
    return new RunFailure(Fields.word(failure.code()), failure.message(), failure.retryable());
  }
}
