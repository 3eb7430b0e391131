package dev.parley.conversation.run;

/** What became of a call. Immutable. */
public sealed interface ToolOutcome {
  /**
   * The tool has answered.
   *
   * @param json well-formed, as the tool wrote it
   */
  record Result(String json) implements ToolOutcome {}

  /** The tool has been started; the application returns the result itself, later. */
  record Pending() implements ToolOutcome {}

  /**
   * There is no result.
   *
   * @param message a sentence for people and models, without secrets, addresses or anything the
   *     backend said
   * @param retryable whether the same call may go better later
   */
  record Failed(Reason reason, String message, boolean retryable) implements ToolOutcome {
    public Failed(Reason reason, String message) {
      this(reason, message, reason.retryable);
    }
  }

  /** Why there is no result. */
  enum Reason {
    /** The model's arguments are no JSON object; the tool was not called. */
    BAD_ARGUMENTS("bad-arguments", false),
    /** Status 4xx. */
    REFUSED("refused", false),
    /** Status 3xx. */
    REDIRECTED("redirected", false),
    /** The answer is not JSON. */
    NOT_JSON("not-json", false),
    /** The answer is too long. */
    TOO_LARGE("too-large", false),
    /** The answer is not HTTP, or has a status that HTTP does not have. */
    NOT_HTTP("not-http", false),
    /** Status 429, or too many calls wait already. */
    OVERLOADED("overloaded", true),
    /** Status 5xx, nobody listens, or the connection was lost, time and again. */
    UNAVAILABLE("unavailable", true),
    /** No answer in time; the tool may have done its work. */
    TIMEOUT("timeout", true);

    private final String label;
    private final boolean retryable;

    Reason(String label, boolean retryable) {
      this.label = label;
      this.retryable = retryable;
    }

    /** As it is in events and on wires; stays the same. */
    public String label() {
      return label;
    }
  }
}
