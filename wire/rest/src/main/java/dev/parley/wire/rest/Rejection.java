package dev.parley.wire.rest;

import dev.parley.conversation.Refusal;
import dev.parley.transport.HttpError;

/** What this wire answers with an error. Stateless. */
final class Rejection {
  private Rejection() {}

  /** What a conversation refused. */
  static HttpError of(Refusal refusal, String message) {
    return new HttpError(
        refusal.status(), refusal.word(), refusal.code(), message, refusal.retryable());
  }

  static HttpError noConversation() {
    return of(
        Refusal.NO_CONVERSATION,
        "conversation: none for you (expected: one that you are a member of)");
  }

  static HttpError noBranch(String branch) {
    return of(
        Refusal.NO_BRANCH,
        "branch: " + HttpError.quotable(branch) + " (expected: one of this conversation)");
  }

  static HttpError noRun() {
    return of(
        Refusal.NO_RUN,
        "run: none for you (expected: one of a conversation that you are a member of)");
  }

  static HttpError keyUsedBefore() {
    return new HttpError(
        422,
        "idempotency_key_reused",
        "idempotency-key: used before, for something else (expected: a new one)",
        false);
  }

  static HttpError badField(String message) {
    return new HttpError(400, "bad_field", message, false);
  }

  static HttpError forbidden(String message) {
    return of(Refusal.FORBIDDEN, message);
  }
}
