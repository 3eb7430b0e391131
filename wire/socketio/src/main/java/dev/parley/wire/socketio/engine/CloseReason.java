package dev.parley.wire.socketio.engine;

/**
 * Why a session ended, in the words of the official server's {@code disconnect} event. Any of them
 * lets the client come back by itself.
 */
public enum CloseReason {
  TRANSPORT_CLOSE("transport close", 1000),
  TRANSPORT_ERROR("transport error", 1002),
  PING_TIMEOUT("ping timeout", 1000),
  PARSE_ERROR("parse error", 1002),
  FORCED_CLOSE("forced close", 1000),
  FORCED_SERVER_CLOSE("forced server close", 1000),
  SERVER_SHUTTING_DOWN("server shutting down", 1001),
  /** More waited for the client than {@link EngineConfig#maxQueuedBytes} allows. */
  QUEUE_OVERFLOW("queue overflow", 1008),
  /** The client went on sending far more than it may; it heard when to come back. */
  RATE_LIMITED("rate limited", 1013),
  /** A message was longer than {@link EngineConfig#maxPayload}. */
  MESSAGE_TOO_BIG("message too big", 1009),
  /** The listener failed. */
  INTERNAL_ERROR("internal error", 1011);

  private final String label;
  private final int webSocketCode;

  CloseReason(String label, int webSocketCode) {
    this.label = label;
    this.webSocketCode = webSocketCode;
  }

  public String label() {
    return label;
  }

  /** RFC 6455 §7.4.1, and 1013 of its registry: try again later. */
  int webSocketCode() {
    return webSocketCode;
  }

  /** Whether the client still gets what was sent before. */
  boolean isOrderly() {
    return this == FORCED_CLOSE
        || this == FORCED_SERVER_CLOSE
        || this == SERVER_SHUTTING_DOWN
        || this == RATE_LIMITED;
  }

  /** What a close of the client, or of the transport in its name, means. */
  static CloseReason ofWebSocket(int code) {
    return switch (code) {
      case 1009 -> MESSAGE_TOO_BIG;
      case 1002, 1003, 1007, 1008, 1011 -> TRANSPORT_ERROR;
      default -> TRANSPORT_CLOSE;
    };
  }
}
