package dev.parley.transport;

/**
 * A request that is answered with an error: status, code and number, a sentence, and whether to
 * come back. Immutable.
 */
public final class HttpError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final int number;
  private final boolean retry;

  /**
   * @param code a stable name for programs, such as {@code body_too_large}
   * @param number a stable number beside it, 0 for none
   * @param retry whether the same request may succeed later
   */
  public HttpError(int status, String code, int number, String message, boolean retry) {
    super(message, null, false, false); // an answer, not an accident: no stack trace
    this.status = status;
    this.code = code;
    this.number = number;
    this.retry = retry;
  }

  public HttpError(int status, String code, String message, boolean retry) {
    this(status, code, 0, message, retry);
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  /** Answers with it and ends the response. */
  public void send(Response response) {
    if (retry) {
      response.headers().set("retry-after", "1");
    }
    Errors.send(response, status, code, number, String.valueOf(getMessage()), retry);
  }
}
