package dev.parley.transport;

/** Why the transport answers a request itself instead of handing it on. */
record Refusal(int status, String code, String message, boolean retry) {
  static final Refusal HEADERS_TOO_LATE =
      new Refusal(408, "request_timeout", "the request's headers took too long to arrive", true);
  static final Refusal BODY_TOO_LATE =
      new Refusal(408, "request_timeout", "the request's body took too long to arrive", true);
  static final Refusal OVERLOADED =
      new Refusal(
          503,
          "too_many_connections",
          "the server has as many connections as it accepts; come back later",
          true);
  static final Refusal BODIES_OVERLOADED =
      new Refusal(
          503,
          "too_many_bodies",
          "the server is receiving as many request bodies as it can hold; come back later",
          true);
  static final Refusal FAILED =
      new Refusal(500, "internal_error", "the server failed to answer this request", true);

  static Refusal malformed(String message) {
    return new Refusal(400, "bad_request", message, false);
  }

  static Refusal bodyTooLarge(int limit) {
    return new Refusal(
        413,
        "body_too_large",
        "request body is too large (expected: <= " + limit + " bytes)",
        false);
  }

  static Refusal targetTooLong(int limit) {
    return new Refusal(
        414,
        "target_too_long",
        "request target is too long (expected: <= " + limit + " bytes)",
        false);
  }

  static Refusal headersTooLarge(int limit) {
    return new Refusal(
        431,
        "headers_too_large",
        "request line and headers are too large (expected: <= " + limit + " bytes)",
        false);
  }
}
