package dev.parley.socketio;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A socket as another node knows it. A snapshot, whose methods reach the socket wherever it is. */
public interface RemoteSocket {
  String id();

  Set<String> rooms();

  Map<String, Object> data();

  void emit(String event, @Nullable Object... args);

  void join(String... rooms);

  void leave(String... rooms);

  void disconnect(boolean close);
}
