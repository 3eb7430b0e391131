package dev.parley.conversation.provider;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no reply, or no more of it.
 *
 * @param message for people; never holds a key
 * @param retryable whether the same prompt may succeed later
 * @param retryAfter how long the upstream asked to be left alone
 */
public record Failure(Code code, String message, boolean retryable, @Nullable Duration retryAfter) {
  public Failure {
    Objects.requireNonNull(code);
    Objects.requireNonNull(message);
    if (retryAfter != null && retryAfter.isNegative()) {
      throw new IllegalArgumentException(
          "failure.retry-after: " + retryAfter + " (expected: not negative)");
    }
  }

  /** A failure that is worth retrying as its code usually is. */
  public static Failure of(Code code, String message) {
    return new Failure(code, message, code.retryable(), null);
  }

  /** What went wrong, as a number that stays the same, and whether retrying usually helps. */
  public enum Code {
    UNAUTHORIZED(4501, false),
    RATE_LIMITED(4502, true),
    OVERLOADED(4503, true),
    BAD_REQUEST(4504, false),
    CONTEXT_TOO_LONG(4505, false),
    NOT_FOUND(4506, false),
    /** The upstream says it is broken, or cannot be reached. */
    UPSTREAM(4507, true),
    TIMEOUT_FIRST_TOKEN(4508, true),
    TIMEOUT_BETWEEN_TOKENS(4509, true),
    /** It went away in the middle. */
    DISCONNECTED(4510, true),
    /** What it says makes no sense. */
    MALFORMED(4511, false),
    /** It says more than may be kept. */
    TOO_LARGE(4512, false),
    /** It failed too often lately and is not asked for a while. */
    CIRCUIT_OPEN(4513, true),
    /** Too many wait for it already. */
    QUEUE_FULL(4514, true);

    private final int number;
    private final boolean retryable;

    Code(int number, boolean retryable) {
      this.number = number;
      this.retryable = retryable;
    }

    public int number() {
      return number;
    }

    public boolean retryable() {
      return retryable;
    }
  }
}
