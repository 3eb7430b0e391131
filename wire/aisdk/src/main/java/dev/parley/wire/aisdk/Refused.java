package dev.parley.wire.aisdk;

import dev.parley.conversation.Refusal;
import java.util.Locale;

/** A request that cannot be answered as asked. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int status;
  private final String code;
  private final boolean retry;

  Refused(int status, String code, String message, boolean retry) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.retry = retry;
  }

  static Refused bad(String message) {
    return new Refused(400, "bad_field", message, false);
  }

  static Refused of(Refusal refusal, String message) {
    int status =
        switch (refusal) {
          case NO_CONVERSATION, NO_MEMBER, NO_BRANCH, NO_TURN, NO_RUN, NO_CALL -> 404;
          case FORBIDDEN, NOT_THAT_TURN -> 403;
          case QUEUE_FULL -> 429;
          case TURN_SIZE -> 413;
          case OFFSET -> 400;
          case CONVERSATION_EXISTS, DELETED, ARCHIVED, LAST_OWNER, TOO_MANY_MEMBERS -> 409;
          case BRANCH_EXISTS, TOO_MANY_BRANCHES, TURN_EXISTS -> 409;
          case RUN_EXISTS, RUN_ACTIVE, NOT_NEXT, RUN_ENDED, RUN_STATE -> 409;
          case LEASE_LOST, LEASE_HELD, CALL_EXISTS, CALL_SETTLED, CALL_UNAPPROVED -> 409;
        };
    return new Refused(
        status, refusal.name().toLowerCase(Locale.ROOT), message, refusal.retryable());
  }

  static Refused noChat() {
    return of(Refusal.NO_CONVERSATION, "conversation: none of yours (expected: one)");
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
    return String.valueOf(getMessage());
  }
}
