package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.SlowPolicy;
import dev.parley.socketio.Socket;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.Room.Membership;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of one namespace on this node, and their rooms. One lock guards both, so that every
 * socket of a room gets its packets in the same order; packets leave by a task per event loop.
 */
final class LocalNamespace extends WholeNamespace implements Members.Watcher {
  private static final System.Logger LOG = System.getLogger(LocalNamespace.class.getName());

  private final SocketIoServer server;
  private final String name;
  private final @Nullable ParentNamespace parent; // null when it is of no pattern
  private final Registrations registrations;
  private final Selection everyone = Selection.all(this);
  private final AtomicLong ackIds = new AtomicLong();
  private final Steps steps = new Steps(); // its monitor is the lock
  private final Members members = new Members(this); // guarded by the lock
  private final FollowedRooms followed; // guarded by the lock
  private final Dispatch dispatch;
  private final Entrance entrance;
  private final Presence presence = new Presence(this);
  private final @Nullable Journal journal; // null when recovery is off

  /** Sockets that are or will be in it; changed by the server alone, atomically per name. */
  int claims;

  /** When the last of them went; as above. */
  long emptyNanos = System.nanoTime();

  /** Whether the program has named it, so that it stays without sockets; as above. */
  volatile boolean named;

  /**
   * @param parent the pattern that it belongs to
   * @param journal where what clients need to recover is kept; {@code null} for nothing
   */
  LocalNamespace(
      SocketIoServer server,
      String name,
      @Nullable ParentNamespace parent,
      @Nullable Journal journal) {
    this.server = server;
    this.name = name;
    this.parent = parent;
    this.registrations = new Registrations(SlowRule.of(server.config().slow(), name));
    this.journal = journal;
    this.followed = new FollowedRooms(this, server.streams(), journal);
    this.dispatch = new Dispatch(this, server, journal, steps, members, followed);
    this.entrance = new Entrance(this, server.streams(), journal, steps);
    if (journal != null) {
      open(journal);
    }
  }

  /** Nothing happens here before what its log has of earlier is known. */
  private void open(Journal kept) {
    Steps.Step opening;
    synchronized (steps) {
      opening = steps.await((_, _) -> {});
    }
    var _ =
        kept.open(this)
            .whenComplete((loaded, failure) -> {
              synchronized (steps) {
                if (failure != null) {
                  LOG.log(
                      System.Logger.Level.ERROR,
                      "namespace {0}: its log cannot be read, nobody recovers from before: {1}",
                      name,
                      Journal.reason(failure));
                }
                long now = kept.now();
                dispatch.begin(
                    loaded == null ? new Backlog(kept.config().maxBytes(), now) : loaded, now);
                steps.ready(opening, Delivery.NOT_KEPT, 0);
              }
            });
  }

  Registrations registrations() {
    return registrations;
  }

  SocketIoConfig config() {
    return server.config();
  }

  Values values() {
    return server.values();
  }

  boolean onEventLoop() {
    return registrations.threads() == HandlerThreads.EVENT_LOOP;
  }

  BuiltIn builtIn() {
    return server.builtIn();
  }

  boolean answersBuiltIn() {
    return config().builtIn().contains(name);
  }

  Dispatch dispatch() {
    return dispatch;
  }

  Presence presence() {
    return presence;
  }

  /** On the connection's loop: lets a client in, if it may. */
  void admit(Connection connection, SocketPacket.Connect connect, Caller caller) {
    entrance.admit(connection, connect, caller);
  }

  boolean recovers() {
    return journal != null;
  }

  /** Whether the calling thread is in the middle of a step. */
  boolean isLocked() {
    return Thread.holdsLock(steps);
  }

  long nextAckId() {
    return ackIds.getAndIncrement();
  }

  Future<?> after(Duration delay, Runnable action) {
    return server.after(delay, action);
  }

  /** A name that means nothing else to a client. */
  String eventName(String event) {
    return server.eventName(event);
  }

  @Override
  Selection everyone() {
    return everyone;
  }

  @Override
  public String name() {
    return name;
  }

  // --- what a program registers

  @Override
  public Namespace onConnection(Consumer<Socket> handler) {
    registrations.onConnection(handler);
    return this;
  }

  @Override
  public Namespace use(Middleware middleware) {
    registrations.use(middleware);
    return this;
  }

  @Override
  public Namespace handleOn(HandlerThreads threads) {
    registrations.handleOn(threads);
    return this;
  }

  @Override
  public Namespace onRooms(RoomListener listener) {
    registrations.onRooms(listener);
    return this;
  }

  @Override
  public Namespace onSlow(String rooms, SlowPolicy policy) {
    registrations.onSlow(rooms, policy);
    return this;
  }

  BackPressure backPressure() {
    return server.backPressure();
  }

  // --- sockets come and go

  /** Under the lock: the client of a socket is back on another connection. */
  void replace(String id) {
    ClientSocket earlier = members.get(id);
    if (earlier != null) {
      earlier.replaced();
    }
  }

  /**
   * On the loop of a socket that has seen a stream up to {@code offset}: whether that is all its
   * room was sent, so that it goes on with the room.
   */
  boolean goesLive(ClientSocket socket, String room, long offset) {
    synchronized (steps) {
      if (followed.offset(room) > offset) {
        return false;
      }
      socket.outbox().holdBack(room, offset);
      Membership membership = Members.find(socket, room);
      if (membership != null) {
        // What waits to be handed out is among what it has seen.
        long has = Math.max(dispatch.head(), followed.position(room));
        membership.since = Math.max(membership.since, has);
      }
    }
    save(socket);
    return true;
  }

  /** See {@link FollowedRooms#know}. */
  CompletableFuture<Boolean> know(
      Map<String, Long> rooms, long seen, BiPredicate<String, StreamPath> reader) {
    synchronized (steps) {
      return followed.know(rooms, seen, reader);
    }
  }

  /** On the store's commit thread: another stream of that name begins at the first offset. */
  void onStreamDeleted(String room) {
    inOrder(() -> {
      followed.onStreamDeleted(room);
      for (ClientSocket socket : members.in(Set.of(room))) {
        socket.connection().session().execute(() -> socket.outbox().forgetHeldBack(room));
      }
    });
  }

  /** It has no sockets, and none that may come back. */
  void close() {
    if (parent != null) {
      parent.forget(this);
    }
    synchronized (steps) {
      followed.close();
    }
  }

  /** Under the lock: a socket is in, and in the rooms it has joined already. */
  void enter(ClientSocket socket) {
    members.enter(socket, dispatch.head());
  }

  /** Any thread: a socket has gone, for good or for a while. */
  void remove(ClientSocket socket, boolean forGood) {
    inOrder(() -> {
      Journal kept = journal;
      String pid = socket.pid();
      if (kept != null && pid != null && socket.isAdmitted()) {
        whenKept(
            steps.await((_, _) -> {}),
            forGood
                ? kept.delete(pid)
                : kept.save(pid, socket.state().saved(System.currentTimeMillis())));
      }
      members.exit(socket, forGood);
    });
    server.release(this);
  }

  /** Keeps what is worth keeping of a socket, before anything that comes after. */
  void save(ClientSocket socket) {
    Journal kept = journal;
    String pid = socket.pid();
    if (kept != null && pid != null) {
      inOrder(() -> {
        if (socket.isAdmitted() && !socket.hasLeft()) {
          whenKept(steps.await((_, _) -> {}), kept.save(pid, socket.state().saved(0)));
        }
      });
    }
  }

  /** From time to time: what is in use does not expire, and what clients have seen is noted. */
  void keepAlive() {
    Journal kept = journal;
    if (kept == null) {
      return;
    }
    kept.touch(this);
    List<ClientSocket> present;
    long now;
    synchronized (steps) {
      present = members.sockets();
      now = dispatch.head();
      long oldest = System.currentTimeMillis() - kept.config().window().toMillis();
      dispatch.expire(oldest);
      followed.expire(oldest);
    }
    for (ClientSocket socket : present) {
      String pid = socket.pid();
      if (pid != null) {
        socket
            .connection()
            .session()
            .execute(() -> {
              if (socket.outbox().note(now)) {
                save(socket);
              } else {
                kept.touch(pid);
              }
            });
      }
    }
  }

  boolean noted(ClientSocket socket, long seen, long last) {
    synchronized (steps) {
      return socket.state().note(seen, last);
    }
  }

  /** What is done next waits until a session is kept, or cannot be. */
  void whenKept(Steps.Step step, CompletableFuture<?> kept) {
    var _ =
        kept.whenComplete((_, failure) -> {
          if (failure != null) {
            LOG.log(
                System.Logger.Level.WARNING,
                "namespace {0}: a session cannot be kept: {1}",
                name,
                Journal.reason(failure));
          }
          synchronized (steps) {
            steps.ready(step, Delivery.NOT_KEPT, 0);
          }
        });
  }

  void join(ClientSocket socket, List<String> names) {
    inOrder(() -> {
      // Also for one whose connection was lost since: it comes back with the room.
      if (socket.equals(members.get(socket.id()))) {
        names.forEach(room -> members.join(socket, room, dispatch.head()));
      }
    });
  }

  void leave(ClientSocket socket, List<String> names) {
    inOrder(() -> names.forEach(room -> members.leave(socket, room)));
  }

  /** The socket's connection goes on on another loop; runs {@code next} under the lock too. */
  void move(ClientSocket socket, Lane to, Runnable next) {
    synchronized (steps) {
      members.move(socket, to);
      next.run();
    }
  }

  /** Under the lock. */
  @Override
  public void onCreate(String room) {
    followed.onCreate(room);
    tellRooms(listener -> listener.onCreate(room));
  }

  /** Under the lock. */
  @Override
  public void onJoin(String room, ClientSocket socket) {
    presence.onJoin(room, socket);
    tellRooms(listener -> listener.onJoin(room, socket.id()));
    server.observer().onJoin(socket, room);
  }

  /** Under the lock. */
  @Override
  public void onLeave(String room, ClientSocket socket, boolean forGood) {
    tellRooms(listener -> listener.onLeave(room, socket.id()));
    server.observer().onLeave(socket, room);
    presence.onLeave(room, socket, forGood);
  }

  /** Under the lock. */
  @Override
  public void onDelete(String room) {
    followed.onDelete(room);
    tellRooms(listener -> listener.onDelete(room));
  }

  private void tellRooms(Consumer<RoomListener> news) {
    for (RoomListener listener : registrations.rooms()) {
      try {
        news.accept(listener);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "namespace " + name + ": a room listener failed", e);
      }
    }
  }

  // --- in order

  /**
   * Any thread: does something after all that was done to this namespace before, and before all
   * that comes after it. Runs under the lock, so it only hands over.
   */
  void inOrder(Runnable step) {
    synchronized (steps) {
      steps.run(step);
    }
  }

  /** Under the lock, in {@link #inOrder}: who is in any of these rooms, or is one of them. */
  Set<ClientSocket> in(Set<String> names) {
    return members.in(names);
  }

  /** Under the lock, in {@link #inOrder}. */
  Collection<ClientSocket> select(Selection to) {
    Collection<ClientSocket> found = to.rooms().isEmpty() ? members.sockets() : in(to.rooms());
    Set<ClientSocket> except = in(to.excepted());
    return found.stream().filter(socket -> !except.contains(socket)).toList();
  }

  @Override
  public Collection<Socket> sockets() {
    synchronized (steps) {
      return List.copyOf(members.sockets());
    }
  }

  int count() {
    synchronized (steps) {
      return members.count();
    }
  }

  /** Rooms and how many are in each. A snapshot. */
  Map<String, Integer> roomSizes() {
    synchronized (steps) {
      return members.roomSizes();
    }
  }

  SocketObserver observer() {
    return server.observer();
  }
}
