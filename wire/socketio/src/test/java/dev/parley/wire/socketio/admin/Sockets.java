package dev.parley.wire.socketio.admin;

import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import java.lang.reflect.Proxy;

/** Sockets that have an id and a namespace, and nothing else. */
final class Sockets {
  private Sockets() {}

  static Socket of(String namespace, String id) {
    Namespace named = fake(Namespace.class, "name", namespace, "", "");
    return fake(Socket.class, "id", id, "namespace", named);
  }

  private static <T> T fake(
      Class<T> type, String first, Object firstAnswer, String second, Object secondAnswer) {
    return type.cast(
        Proxy.newProxyInstance(
            Sockets.class.getClassLoader(),
            new Class<?>[] {type},
            (_, method, _) -> {
              if (method.getName().equals(first)) {
                return firstAnswer;
              }
              if (method.getName().equals(second)) {
                return secondAnswer;
              }
              throw new UnsupportedOperationException(method.getName());
            }));
  }
}
