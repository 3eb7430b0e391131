package dev.parley.wire.socketio.backend;

import dev.parley.socketio.Socket;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The socket a question is about, as it was when it was asked. Immutable.
 *
 * @param user whom its token names, if it has one
 * @param data what the application keeps of it
 */
public record Asker(
    String namespace, String socketId, @Nullable String user, Map<String, Object> data) {
  public Asker {
    data = Map.copyOf(data);
  }

  public static Asker of(Socket socket, @Nullable String user) {
    return new Asker(socket.namespace().name(), socket.id(), user, socket.data());
  }
}
