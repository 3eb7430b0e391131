package dev.parley.wire.socketio.backend;

/** A backend gave no answer that can be used. Its message is for the log and repeats no value. */
final class UnansweredException extends Exception {
  private static final long serialVersionUID = 1L;

  /** How it went wrong, as it is counted. */
  enum Outcome {
    FAILED,
    TIMED_OUT,
    SHORT_CIRCUITED
  }

  private final Outcome outcome;

  UnansweredException(Outcome outcome, String message) {
    super(message, null, false, false); // its message says it all, and there may be many
    this.outcome = outcome;
  }

  static UnansweredException unusable(String where, String expected) {
    return new UnansweredException(
        Outcome.FAILED, where + ": unusable (expected: " + expected + ")");
  }

  Outcome outcome() {
    return outcome;
  }
}
