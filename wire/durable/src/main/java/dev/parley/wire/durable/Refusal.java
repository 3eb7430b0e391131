package dev.parley.wire.durable;

/** A request that is answered with an error: status, code, a sentence, and whether to come back. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final boolean retry;

  Refusal(int status, String code, String message, boolean retry) {
    super(message, null, false, false); // an answer, not an accident: no stack trace
    this.status = status;
    this.code = code;
    this.retry = retry;
  }

  static Refusal badRequest(String code, String message) {
    return new Refusal(400, code, message, false);
  }

  static Refusal conflict(String code, String message) {
    return new Refusal(409, code, message, false);
  }

  static Refusal gone(String code, String message) {
    return new Refusal(410, code, message, false);
  }

  static Refusal missing() {
    return new Refusal(404, "not_found", "there is no such stream", false);
  }

  static Refusal softDeleted() {
    return gone("deleted", "the stream was deleted; only its forks can still be read");
  }

  static Refusal forbidden(String right) {
    return new Refusal(403, "forbidden", "not allowed: " + right, false);
  }

  /** What a client sent, cut short and made printable, for error messages. */
  static String quotable(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && i < 64; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c >= 0x7f ? '?' : c);
    }
    return text.length() > 64 ? out.append('…').toString() : out.toString();
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  boolean retry() {
    return retry;
  }

  String text() {
    String message = getMessage();
    return message == null ? code : message;
  }
}
