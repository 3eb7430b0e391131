package dev.parley.wire.rest;

import dev.parley.conversation.Refusal;
import java.util.Locale;

/**
 * A request that is answered with an error: status, code and number, a sentence, and whether to
 * come back.
 */
final class Rejection extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final int number;
  private final boolean retry;

  private Rejection(int status, String code, int number, String message, boolean retry) {
    super(message, null, false, false); // an answer, not an accident: no stack trace
    this.status = status;
    this.code = code;
    this.number = number;
    this.retry = retry;
  }

  Rejection(int status, String code, String message, boolean retry) {
    this(status, code, 0, message, retry);
  }

  /** What a conversation refused. */
  static Rejection of(Refusal refusal, String message) {
    return new Rejection(
        status(refusal),
        refusal.name().toLowerCase(Locale.ROOT),
        refusal.code(),
        message,
        refusal.retryable());
  }

  private static int status(Refusal refusal) {
    return switch (refusal) {
      case NO_CONVERSATION, NO_MEMBER, NO_BRANCH, NO_TURN, NO_RUN, NO_CALL -> 404;
      case FORBIDDEN -> 403;
      case QUEUE_FULL -> 429;
      case TURN_SIZE -> 413;
      case OFFSET -> 400;
      case CONVERSATION_EXISTS, BRANCH_EXISTS, TURN_EXISTS, RUN_EXISTS, CALL_EXISTS -> 409;
      case DELETED, ARCHIVED, LAST_OWNER, TOO_MANY_MEMBERS, TOO_MANY_BRANCHES -> 409;
      case NOT_THAT_TURN, RUN_ACTIVE, NOT_NEXT, RUN_ENDED, RUN_STATE -> 409;
      case LEASE_LOST, LEASE_HELD, CALL_SETTLED, CALL_UNAPPROVED -> 409;
    };
  }

  static Rejection noConversation() {
    return of(
        Refusal.NO_CONVERSATION,
        "conversation: none for you (expected: one that you are a member of)");
  }

  static Rejection noBranch(String branch) {
    return of(
        Refusal.NO_BRANCH, "branch: " + quotable(branch) + " (expected: one of this conversation)");
  }

  static Rejection noRun() {
    return of(
        Refusal.NO_RUN,
        "run: none for you (expected: one of a conversation that you are a member of)");
  }

  static Rejection badField(String message) {
    return new Rejection(400, "bad_field", message, false);
  }

  static Rejection forbidden(String message) {
    return of(Refusal.FORBIDDEN, message);
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

  int number() {
    return number;
  }

  boolean retry() {
    return retry;
  }

  String text() {
    String message = getMessage();
    return message == null ? code : message;
  }
}
