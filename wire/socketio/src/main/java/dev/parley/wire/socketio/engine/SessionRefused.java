package dev.parley.wire.socketio.engine;

/** Says why a new session is not welcome; the client is told the message with 403. */
public final class SessionRefused extends Exception {
  private static final long serialVersionUID = 1L;

  public SessionRefused(String message) {
    super(message, null, false, false);
  }
}
