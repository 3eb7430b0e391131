package dev.parley.wire.socketio;

import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.List;

/**
 * Hears what happens to the sockets of all namespaces. Called by event loops and with a namespace's
 * lock held: it must be quick, must not fail and must not call back.
 */
public interface SocketObserver {
  /** Hears nothing. */
  SocketObserver NONE = new SocketObserver() {};

  default void onConnect(Socket socket) {}

  default void onDisconnect(Socket socket, String reason) {}

  default void onJoin(Socket socket, String room) {}

  default void onLeave(Socket socket, String room) {}

  default void onReceived(Socket socket, SocketPacket.Event event) {}

  default void onSent(Socket socket, SocketPacket.Event event) {}

  /**
   * An event leaves for many.
   *
   * @param some of those it goes to, at least one
   * @param count about how many it goes to
   */
  default void onBroadcast(List<? extends Socket> some, int count, SocketPacket.Event event) {}
}
