package dev.parley.wire.durable;

import dev.parley.transport.HttpError;

/** What this wire answers with an error. Stateless. */
final class Refusal {
  private Refusal() {}

  static HttpError badRequest(String code, String message) {
    return new HttpError(400, code, message, false);
  }

  static HttpError conflict(String code, String message) {
    return new HttpError(409, code, message, false);
  }

  static HttpError gone(String code, String message) {
    return new HttpError(410, code, message, false);
  }

  static HttpError missing() {
    return new HttpError(404, "not_found", "there is no such stream", false);
  }

  static HttpError softDeleted() {
    return gone("deleted", "the stream was deleted; only its forks can still be read");
  }

  static HttpError forbidden(String right) {
    return new HttpError(403, "forbidden", "not allowed: " + right, false);
  }
}
