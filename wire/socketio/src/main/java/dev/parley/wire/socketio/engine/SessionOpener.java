package dev.parley.wire.socketio.engine;

/** Decides on new sessions. Called on the loop that is to own the session. */
@FunctionalInterface
public interface SessionOpener {
  /**
   * Called before the client is answered; what is sent from here follows the handshake.
   *
   * @throws SessionRefused to answer 403 {@code {"code":4,"message":…}} instead
   */
  SessionListener open(Session session) throws SessionRefused;
}
