package dev.parley.wire.aisdk;

import dev.parley.conversation.Refusal;
import dev.parley.transport.HttpError;

/** What this wire answers with an error. Stateless. */
final class Refused {
  private Refused() {}

  static HttpError bad(String message) {
    return new HttpError(400, "bad_field", message, false);
  }

  static HttpError of(Refusal refusal, String message) {
    return new HttpError(
        refusal.status(), refusal.word(), refusal.code(), message, refusal.retryable());
  }

  static HttpError noChat() {
    return of(Refusal.NO_CONVERSATION, "conversation: none of yours (expected: one)");
  }
}
