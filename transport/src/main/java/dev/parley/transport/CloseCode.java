package dev.parley.transport;

/** The close codes the transport uses itself (RFC 6455 §7.4.1). */
final class CloseCode {
  static final int GOING_AWAY = 1001;
  static final int PROTOCOL_ERROR = 1002;
  static final int NONE = 1005; // never sent
  static final int ABNORMAL = 1006; // never sent
  static final int INVALID_DATA = 1007;
  static final int POLICY = 1008;
  static final int INTERNAL_ERROR = 1011;
  static final int TRY_AGAIN_LATER = 1013;

  private CloseCode() {}

  /** Whether the code may stand in a close frame. */
  static boolean maySend(int code) {
    return (code >= 1000 && code <= 1003)
        || (code >= 1007 && code <= 1014)
        || (code >= 3000 && code <= 4999);
  }
}
