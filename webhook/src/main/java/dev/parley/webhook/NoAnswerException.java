package dev.parley.webhook;

/** There is no whole answer. Its message is for the log and repeats nothing the other side said. */
public final class NoAnswerException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  public enum Reason {
    /** Nobody listens: nothing of the request has left. */
    UNREACHABLE,
    /** Not in time. */
    TIMED_OUT,
    /** Longer than allowed. */
    TOO_LARGE,
    /** What came is not HTTP. */
    NOT_HTTP,
    /** The connection ended before the answer did. */
    BROKEN
  }

  private final Reason reason;

  NoAnswerException(Reason reason, String message) {
    super(message, null, false, false); // its message says it all, and there may be many
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
