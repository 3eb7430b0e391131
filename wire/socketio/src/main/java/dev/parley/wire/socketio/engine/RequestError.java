package dev.parley.wire.socketio.engine;

/** What can be wrong with a request, with the numbers and words of the official server. */
enum RequestError {
  TRANSPORT_UNKNOWN(400, 0, "Transport unknown"),
  SESSION_UNKNOWN(400, 1, "Session ID unknown"),
  BAD_HANDSHAKE_METHOD(400, 2, "Bad handshake method"),
  BAD_REQUEST(400, 3, "Bad request"),
  PAYLOAD_TOO_LARGE(413, 3, "Payload too large"),
  FORBIDDEN(403, 4, "Forbidden"),
  /** More sessions than allowed, or the server shuts down. */
  UNAVAILABLE(503, 4, "Service unavailable"),
  UNSUPPORTED_VERSION(400, 5, "Unsupported protocol version");

  private final int status;
  private final int code;
  private final String message;

  RequestError(int status, int code, String message) {
    this.status = status;
    this.code = code;
    this.message = message;
  }

  int status() {
    return status;
  }

  int code() {
    return code;
  }

  String message() {
    return message;
  }
}
