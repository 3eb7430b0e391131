package dev.parley.socketio;

import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The Socket.IO side of a server. Safe on any thread.
 *
 * {@snippet :
 * SocketIo io = server.io();
 * io.of("/chat").onConnection(socket -> {
 *   socket.join("lobby");
 *   socket.on("message", String.class, text -> socket.to("lobby").emit("message", text));
 * });
 * }
 */
public interface SocketIo {
  /** The namespace {@code /}, which always exists. */
  default Namespace main() {
    return of("/");
  }

  /** The namespace of this name, made when it is new; a missing leading slash is added. */
  Namespace of(String name);

  /**
   * Lets clients connect to every namespace whose whole name matches; each is made when its first
   * client comes, and goes when its last has left and, with recovery on, could no longer come back.
   *
   * <p>What is registered here holds for all of them, and what is sent here goes to all there are;
   * only {@link Broadcast#fetchSockets} throws {@link UnsupportedOperationException}. One that is
   * named by {@link #of(String)} afterwards is among them, and stays; one named before is not. Of
   * several patterns the first that matches counts.
   */
  Namespace of(Pattern names);

  /**
   * As {@link #of(Pattern)}, for names of clients that {@code allowed} accepts; it must not block.
   * What a program names is not among them.
   */
  Namespace of(Predicate<String> allowed);
}
