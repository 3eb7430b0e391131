package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.socketio.ConnectRefusedException;
import dev.parley.socketio.Namespace.Middleware;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Lets clients into one namespace: those who come back take up where they were, others begin. Safe
 * on any thread.
 */
final class Entrance {
  private static final System.Logger LOG = System.getLogger(Entrance.class.getName());

  private final LocalNamespace namespace;
  private final StreamRooms streams;
  private final @Nullable Journal journal; // null when recovery is off
  private final Steps steps; // guarded by the lock of the namespace, its monitor

  Entrance(LocalNamespace namespace, StreamRooms streams, @Nullable Journal journal, Steps steps) {
    this.namespace = namespace;
    this.streams = streams;
    this.journal = journal;
    this.steps = steps;
  }

  /**
   * On the connection's loop: takes up an earlier session, or asks the middleware and begins one.
   */
  void admit(Connection connection, SocketPacket.Connect connect, Caller caller) {
    Journal kept = journal;
    Returning returning =
        kept == null
            ? null
            : Returning.of(namespace.values(), connection.session().revision(), connect);
    if (kept == null || returning == null) {
      ask(connection.connects().socket(namespace, connect, caller));
      return;
    }
    var _ =
        kept.find(returning.pid())
            .whenComplete((saved, failure) -> {
              if (failure != null) {
                LOG.log(
                    System.Logger.Level.WARNING,
                    "namespace {0}: a session cannot be read: {1}",
                    namespace.name(),
                    Journal.reason(failure));
              }
              connection
                  .session()
                  .execute(() -> {
                    if (connection.connects().hasGone(namespace)) {
                      return;
                    }
                    if (saved == null
                        || !saved.namespace().equals(namespace.name())
                        || !Objects.equals(saved.subject(), caller.subject())) {
                      ask(connection.connects().socket(namespace, connect, caller));
                    } else {
                      prepare(kept, connection, connect, returning, saved, caller);
                    }
                  });
            });
  }

  private void ask(ClientSocket socket) {
    List<Middleware> middleware = namespace.registrations().middleware();
    if (middleware.isEmpty()
        || (socket.recovered() && namespace.config().recovery().skipMiddleware())) {
      enter(socket);
      return;
    }
    Thread.ofVirtual()
        .name("parley-connect")
        .start(() -> {
          try {
            for (Middleware each : middleware) {
              each.beforeConnect(socket);
            }
            enter(socket);
          } catch (ConnectRefusedException e) {
            String message = e.getMessage();
            refuse(socket, message == null ? "Refused" : message, e.data());
          } catch (Exception e) {
            LOG.log(
                System.Logger.Level.WARNING,
                "namespace " + namespace.name() + ": middleware failed",
                e);
            refuse(socket, "Internal error", null);
          } catch (Error e) {
            refuse(socket, "Internal error", null);
            throw e;
          }
        });
  }

  private void refuse(ClientSocket socket, String message, @Nullable Object data) {
    socket.end("refused");
    socket.connection().connects().refuse(namespace.name(), message, data);
  }

  /** Of rooms that are streams, what came before they were followed here is read first. */
  private void prepare(
      Journal kept,
      Connection connection,
      SocketPacket.Connect connect,
      Returning returning,
      SavedSession saved,
      Caller caller) {
    CompletableFuture<Boolean> known =
        namespace.know(
            saved.rooms(),
            saved.seenWith(returning.position()),
            (room, path) -> readRecent(kept, room, path));
    if (known.isDone()) {
      takeUp(connection, connect, returning, saved, caller, known.join());
      return;
    }
    var _ =
        known.whenComplete((complete, failure) ->
            connection
                .session()
                .execute(() ->
                    takeUp(
                        connection,
                        connect,
                        returning,
                        saved,
                        caller,
                        failure == null && complete)));
  }

  private boolean readRecent(Journal kept, String room, StreamPath path) {
    List<Backlog.Entry> found = new ArrayList<>();
    try {
      String contentType = streams.contentType(path);
      boolean complete =
          kept.readRecent(
              path,
              (position, message) ->
                  found.add(
                      new Backlog.Entry(
                          position,
                          message.timestamp(),
                          Set.of(room),
                          streams.excepted(message),
                          Delivery.kept(
                                  streams.event(namespace.name(), room, message, contentType),
                                  true,
                                  position)
                              .from(room, message.offset()))));
      namespace.dispatch().addEarlier(room, found);
      return complete;
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "namespace {0}: the stream of room {1} cannot be read: {2}",
          namespace.name(),
          room,
          Journal.reason(e));
      return false;
    }
  }

  /**
   * On the connection's loop.
   *
   * @param complete whether all rooms are known as far back as needed
   */
  private void takeUp(
      Connection connection,
      SocketPacket.Connect connect,
      Returning returning,
      SavedSession saved,
      Caller caller,
      boolean complete) {
    if (connection.connects().hasGone(namespace)) {
      return;
    }
    ClientSocket socket =
        connection.connects().socket(namespace, connect, returning, saved, caller);
    namespace.inOrder(() -> {
      if (socket.hasLeft()) {
        return;
      }
      long seen = saved.seenWith(returning.position());
      if (!complete
          || !saved.mayKnow(returning.position())
          || !namespace.dispatch().knowsSince(seen)) {
        connection.session().execute(() -> beginInstead(socket, connect, caller));
        return;
      }
      namespace.replace(saved.id());
      ask(socket);
    });
  }

  /** On the connection's loop. */
  private void beginInstead(ClientSocket socket, SocketPacket.Connect connect, Caller caller) {
    Connection connection = socket.connection();
    if (!socket.hasLeft()) {
      connection.remove(socket);
      ask(connection.connects().socket(namespace, connect, caller));
    }
  }

  private void enter(ClientSocket socket) {
    namespace.inOrder(() -> {
      if (socket.hasLeft()) {
        return;
      }
      Journal kept = journal;
      if (kept != null && socket.pid() != null && !socket.recovered()) {
        socket.startAt(namespace.dispatch().head());
        Steps.Step step = steps.await((_, _) -> welcome(socket));
        namespace.whenKept(step, kept.create(socket.pid(), socket.state().saved(0)));
      } else {
        welcome(socket);
      }
    });
  }

  /** Under the lock: it is in from now on. */
  private void welcome(ClientSocket socket) {
    if (socket.hasLeft()) {
      return;
    }
    namespace.replace(socket.id()); // one that came back at the same time
    namespace.observer().onConnect(socket);
    namespace.enter(socket);
    socket.admitted();
    long expiresAt = socket.caller().expiresAt();
    if (expiresAt != Long.MAX_VALUE) {
      socket.expiresAfter(Duration.ofMillis(Math.max(0, expiresAt - System.currentTimeMillis())));
    }
    Journal kept = journal;
    if (kept != null && socket.recovered() && !socket.state().isKept()) {
      namespace.whenKept(
          steps.await((_, _) -> {}),
          kept.save(Objects.requireNonNull(socket.pid()), socket.state().saved(0)));
    }
    Map<String, String> granted = new LinkedHashMap<>();
    granted.put("sid", socket.id());
    if (socket.pid() != null) {
      granted.put("pid", socket.pid());
    }
    Delivery reply =
        Delivery.of(
            new SocketPacket.Connect(
                namespace.name(),
                "",
                socket.connection().session().revision() == Revision.EIO3
                    ? Slice.EMPTY
                    : namespace.values().bytes(namespace.values().tree(granted))),
            true,
            false);
    long head = namespace.dispatch().head();
    socket
        .connection()
        .session()
        .execute(() -> {
          socket.begin(reply, head);
          socket
              .handlers()
              .run(() ->
                  namespace
                      .registrations()
                      .connection()
                      .forEach(handler -> handler.accept(socket)));
        });
  }
}
