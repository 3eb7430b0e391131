package dev.parley.wire.socketio.backend;

import dev.parley.socketio.Arguments;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts what happens in namespaces to the backend: connects, events and disconnects. Safe on any
 * thread. The events of a socket wait for the answer to the one before, so they stay in order.
 */
public final class Forwarding {
  private final HttpBackend backend;
  private final Function<Socket, @Nullable String> user;

  /**
   * @param user whom a socket's token names, if it has one
   */
  public Forwarding(HttpBackend backend, Function<Socket, @Nullable String> user) {
    this.backend = backend;
    this.user = user;
  }

  /** Whether any route is for a namespace of this name. */
  public boolean covers(String namespace) {
    return backend.covers(namespace);
  }

  /** The namespaces that routes name without a pattern. */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (Route route : backend.routes()) {
      if (!route.isPattern()) {
        names.add(route.namespace());
      }
    }
    return names;
  }

  /** Forwards what the configuration says of a namespace. Called once for each. */
  public void attach(Namespace namespace) {
    namespace.use(this::onConnect).onConnection(this::onConnected);
  }

  private Asker asker(Socket socket) {
    return Asker.of(socket, user.apply(socket));
  }

  private void onConnect(Socket socket) throws ConnectRefusedException {
    if (!backend.covers(socket.namespace().name(), Question.Kind.CONNECT, "")) {
      return;
    }
    Verdict verdict =
        backend.decide(new Question.Connect(asker(socket), socket.handshake(), socket.recovered()));
    if (!verdict.allowed()) {
      throw new ConnectRefusedException(
          refusal(verdict), verdict.retry() ? error(verdict) : verdict.data());
    }
    verdict
        .socketData()
        .forEach((key, value) -> {
          if (value == null) {
            socket.data().remove(key);
          } else {
            socket.data().put(key, value);
          }
        });
    socket.join(verdict.rooms().toArray(String[]::new));
  }

  private static String refusal(Verdict verdict) {
    return Objects.requireNonNullElse(verdict.message(), "Refused");
  }

  private void onConnected(Socket socket) {
    String namespace = socket.namespace().name();
    if (backend.coversEvents(namespace)) {
      socket.rewrite((event, arguments) -> onEvent(socket, event, arguments));
    }
    if (backend.covers(namespace, Question.Kind.DISCONNECT, "")) {
      socket.onDisconnect(reason -> {
        var _ = backend.ask(new Question.Disconnect(asker(socket), reason)); // tried by itself
      });
    }
  }

  private @Nullable Object @Nullable [] onEvent(Socket socket, String event, Arguments arguments) {
    if (!backend.covers(socket.namespace().name(), Question.Kind.EVENT, event)) {
      return new @Nullable Object[] {arguments};
    }
    if (!Thread.currentThread().isVirtual()) {
      throw new IllegalStateException(
          socket.namespace().name()
              + ": handlers run on event loops (expected: on virtual threads, as "
              + event
              + " waits for a backend)");
    }
    Verdict verdict = backend.decide(new Question.Event(asker(socket), event, arguments));
    if (verdict.reply() != null) {
      arguments.ack().send(verdict.reply().toArray());
    }
    if (!verdict.allowed()) {
      arguments.ack().send(Map.of("error", error(verdict)));
      return null;
    }
    return verdict.arguments() == null
        ? new @Nullable Object[] {arguments}
        : verdict.arguments().toArray();
  }

  /** As the events that the server itself answers have it, and the backend's data. */
  private static Map<String, Object> error(Verdict verdict) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", verdict.retry() ? "unavailable" : "denied");
    error.put("message", refusal(verdict));
    error.put("retry", verdict.retry());
    if (verdict.data() != null) {
      error.put("data", verdict.data());
    }
    return error;
  }
}
