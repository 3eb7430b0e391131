package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.engine.Session;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The CONNECT packets of one client: finds out who asks for which namespace, and makes its sockets.
 * Confined to the loop of its connection, unless said otherwise.
 */
final class ConnectRequests {
  private final SocketIoServer server;
  private final Connection connection;
  private final Session session;
  private final Set<String> pending = new HashSet<>(2); // namespaces whose socket is yet to be made

  ConnectRequests(SocketIoServer server, Connection connection, Session session) {
    this.server = server;
    this.connection = connection;
    this.session = session;
  }

  void connect(SocketPacket.Connect connect) {
    if (connection.isEnding()) {
      return;
    }
    if (connection.find(connect.namespace()) != null || pending.contains(connect.namespace())) {
      throw new ProtocolException(
          "connect", ProtocolException.quoted(connect.namespace()), "a namespace it is not in");
    }
    boolean full = connection.count() + pending.size() >= server.config().maxNamespaces();
    LocalNamespace namespace = full ? null : server.claim(connect.namespace());
    if (namespace == null) {
      refuse(connect.namespace(), full ? "Too many namespaces" : "Invalid namespace", null);
      return;
    }
    pending.add(connect.namespace());
    CompletableFuture<Caller> caller = server.identify(session, connect);
    if (caller.isDone()) {
      identified(namespace, connect, caller);
    } else {
      var _ =
          caller.whenComplete(
              (_, _) -> session.execute(() -> identified(namespace, connect, caller)));
    }
  }

  private void identified(
      LocalNamespace namespace, SocketPacket.Connect connect, CompletableFuture<Caller> caller) {
    if (connection.isEnding()) {
      server.release(namespace);
      return;
    }
    try {
      namespace.admit(connection, connect, caller.join());
    } catch (CompletionException e) {
      pending.remove(connect.namespace());
      server.release(namespace);
      refuse(
          connect.namespace(),
          "access token: " + (e.getCause() == null ? e : e.getCause()).getMessage(),
          Map.of("code", "invalid_token"));
    }
  }

  /** Whether the connection was closed while somebody wanted to let it in. */
  boolean hasGone(LocalNamespace namespace) {
    boolean gone = connection.isEnding();
    if (gone && pending.remove(namespace.name())) {
      server.release(namespace);
    }
    return gone;
  }

  /** A socket that begins. */
  ClientSocket socket(LocalNamespace namespace, SocketPacket.Connect connect, Caller caller) {
    boolean recovers = namespace.recovers() && session.revision() == Revision.EIO4;
    return added(
        new ClientSocket(
            namespace,
            connection,
            new ConnectHandshake(server.values(), session, connect),
            newId(namespace),
            recovers ? server.newId() + server.newId() : null,
            caller));
  }

  private ClientSocket added(ClientSocket socket) {
    pending.remove(socket.namespace().name());
    return connection.add(socket);
  }

  /** The clients of revision 3 derive a socket's id from the session's. */
  private String newId(LocalNamespace namespace) {
    return switch (session.revision()) {
      case EIO4 -> server.newId();
      case EIO3 ->
          namespace.name().equals("/") ? session.id() : namespace.name() + "#" + session.id();
    };
  }

  /** A socket that goes on. */
  ClientSocket socket(
      LocalNamespace namespace,
      SocketPacket.Connect connect,
      Returning returning,
      SavedSession saved,
      Caller caller) {
    return added(
        new ClientSocket(
            namespace,
            connection,
            new ConnectHandshake(server.values(), session, connect),
            returning.pid(),
            saved,
            saved.seenWith(returning.position()),
            caller));
  }

  /** Any thread: tells the client that it is not let in. */
  void refuse(String namespace, String message, @Nullable Object data) {
    var values = server.values();
    Slice error;
    if (session.revision() == Revision.EIO3) {
      error = values.bytes(values.tree(data == null ? message : data));
    } else {
      var object = new LinkedHashMap<String, @Nullable Object>();
      object.put("message", message);
      if (data != null) {
        object.put("data", data);
      }
      error = values.bytes(values.tree(object));
    }
    connection.post(Delivery.of(new SocketPacket.ConnectError(namespace, error), true, false));
  }
}
