package dev.parley.wire.durable.subscription;

import java.io.Serial;

/** A request that cannot be done, as its client is told. */
final class ApiError extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /** What went wrong, with the status that says it. */
  enum Code {
    INVALID_REQUEST(400),
    WEBHOOK_URL_REJECTED(400),
    TOKEN_INVALID(401),
    TOKEN_EXPIRED(401),
    FORBIDDEN(403),
    SUBSCRIPTION_NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    SUBSCRIPTION_ALREADY_EXISTS(409),
    SUBSCRIPTION_LIMIT(409),
    FENCED(409),
    ALREADY_CLAIMED(409),
    NO_PENDING_WORK(409),
    INVALID_OFFSET(409),
    INTERNAL(500),
    UNAVAILABLE(503),
    STORE_FULL(507);

    final int status;

    Code(int status) {
      this.status = status;
    }
  }

  final Code code;

  ApiError(Code code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  static ApiError invalid(String message) {
    return new ApiError(Code.INVALID_REQUEST, message);
  }
}
