package dev.parley.wire.socketio;

import dev.parley.socketio.AckTimeoutException;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.RemoteSocket;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A choice of sockets of one namespace. Immutable.
 *
 * @param rooms none for all
 */
record Selection(
    LocalNamespace namespace,
    Set<String> rooms,
    Set<String> excepted,
    boolean compressed,
    boolean mayDrop,
    Duration patience)
    implements Broadcast {
  static Selection all(LocalNamespace namespace) {
    return new Selection(namespace, Set.of(), Set.of(), true, false, ClientSocket.ACK_TIMEOUT);
  }

  @Override
  public Selection to(String... more) {
    return new Selection(namespace, union(rooms, more), excepted, compressed, mayDrop, patience);
  }

  @Override
  public Selection except(String... more) {
    return new Selection(namespace, rooms, union(excepted, more), compressed, mayDrop, patience);
  }

  /** In these rooms instead. */
  Selection in(Set<String> others) {
    return new Selection(namespace, others, excepted, compressed, mayDrop, patience);
  }

  private static Set<String> union(Set<String> set, String... more) {
    Set<String> all = new LinkedHashSet<>(set);
    all.addAll(List.of(more));
    return Collections.unmodifiableSet(all);
  }

  /** There is one node so far. */
  @Override
  public Selection local() {
    return this;
  }

  @Override
  public Selection asVolatile() {
    return new Selection(namespace, rooms, excepted, compressed, true, patience);
  }

  @Override
  public Selection compress(boolean compress) {
    return new Selection(namespace, rooms, excepted, compress, mayDrop, patience);
  }

  @Override
  public Selection timeout(Duration timeout) {
    return new Selection(namespace, rooms, excepted, compressed, mayDrop, timeout);
  }

  @Override
  public void emit(String event, @Nullable Object... args) {
    namespace
        .dispatch()
        .cast(
            this,
            new SocketPacket.Event(
                namespace.name(),
                namespace.eventName(event),
                SocketPacket.NO_ACK,
                namespace.values().event(event, args)));
  }

  @Override
  public CompletableFuture<List<Arguments>> emitWithAck(String event, @Nullable Object... args) {
    long ackId = namespace.nextAckId();
    SocketPacket.Event packet =
        new SocketPacket.Event(
            namespace.name(),
            namespace.eventName(event),
            ackId,
            namespace.values().event(event, args));
    Answers answers = new Answers(event, patience);
    namespace.dispatch().castWithAck(this, packet, answers);
    return answers.all;
  }

  /** Gathers the answers of those who were sent an event. */
  static final class Answers {
    final CompletableFuture<List<Arguments>> all = new CompletableFuture<>();
    private final String event;
    private final Duration patience;
    private final List<Arguments> came = new ArrayList<>(); // guarded by this
    private int expected; // guarded by this

    private Answers(String event, Duration patience) {
      this.event = event;
      this.patience = patience;
    }

    void expect(List<ClientSocket> sockets, long ackId, LocalNamespace namespace) {
      synchronized (this) {
        expected = sockets.size();
      }
      for (ClientSocket socket : sockets) {
        socket.awaitAck(
            ackId,
            new ClientSocket.Awaited() {
              @Override
              public void onAnswer(EventArguments answer) {
                add(answer);
              }

              @Override
              public void onGone() {} // its answer is missing when the time is over
            });
      }
      if (sockets.isEmpty()) {
        complete(all, List.of());
        return;
      }
      var late =
          namespace.after(
              patience,
              () -> {
                sockets.forEach(socket -> socket.takeAck(ackId));
                Thread.startVirtualThread(this::fail);
              });
      var _ = all.whenComplete((_, _) -> late.cancel(false));
    }

    private void add(EventArguments answer) {
      List<Arguments> complete = null;
      synchronized (this) {
        came.add(answer);
        if (came.size() == expected) {
          complete = List.copyOf(came);
        }
      }
      if (complete != null) {
        all.complete(complete);
      }
    }

    private void fail() {
      AckTimeoutException missing;
      synchronized (this) {
        missing =
            new AckTimeoutException(
                event + ": " + came.size() + " of " + expected + " answers within " + patience,
                came);
      }
      all.completeExceptionally(missing);
    }
  }

  @Override
  public CompletableFuture<List<RemoteSocket>> fetchSockets() {
    CompletableFuture<List<RemoteSocket>> found = new CompletableFuture<>();
    namespace.inOrder(() ->
        complete(
            found, List.copyOf(namespace.select(this).stream().map(KnownSocket::new).toList())));
    return found;
  }

  /** Off the thread of the step: what a program does next may block. */
  private static <T> void complete(CompletableFuture<T> future, T value) {
    Thread.startVirtualThread(() -> future.complete(value));
  }

  @Override
  public void socketsJoin(String... joined) {
    ClientSocket.requireOrdinary(joined);
    namespace.inOrder(() -> namespace.select(this).forEach(socket -> socket.join(joined)));
  }

  @Override
  public void socketsLeave(String... gone) {
    namespace.inOrder(() -> namespace.select(this).forEach(socket -> socket.leave(gone)));
  }

  @Override
  public void disconnectSockets(boolean close) {
    namespace.inOrder(() -> namespace.select(this).forEach(socket -> socket.disconnect(close)));
  }

  /** A socket of this node, as a snapshot. */
  private record KnownSocket(
      ClientSocket socket, Set<String> rooms, java.util.Map<String, Object> data)
      implements RemoteSocket {
    KnownSocket(ClientSocket socket) {
      this(socket, socket.rooms(), java.util.Map.copyOf(socket.data()));
    }

    @Override
    public String id() {
      return socket.id();
    }

    @Override
    public void emit(String event, @Nullable Object... args) {
      socket.emit(event, args);
    }

    @Override
    public void join(String... rooms) {
      socket.join(rooms);
    }

    @Override
    public void leave(String... rooms) {
      socket.leave(rooms);
    }

    @Override
    public void disconnect(boolean close) {
      socket.disconnect(close);
    }
  }
}
