package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.RemoteSocket;
import dev.parley.socketio.SlowPolicy;
import dev.parley.socketio.Socket;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Message;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.Room.Membership;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
final class LocalNamespace implements Namespace, Members.Watcher {
  private static final System.Logger LOG = System.getLogger(LocalNamespace.class.getName());
  private static final int MOST_OBSERVED = 8; // sockets of one broadcast that an observer is told

  private final SocketIoServer server;
  private final String name;
  private final Registrations registrations;
  private final Selection everyone = Selection.all(this);
  private final AtomicLong ackIds = new AtomicLong();
  private final Object lock = new Object();
  private final Members members = new Members(this); // guarded by lock
  private final Steps steps = new Steps(); // guarded by lock
  private final Entrance entrance;
  private final Presence presence = new Presence(this);
  private final @Nullable Journal journal; // null when recovery is off
  private final List<SlowRule> slow; // of the configuration
  private @Nullable Backlog backlog; // guarded by lock
  private long head; // guarded by lock: the last position handed out

  /** The last message of a stream that was handed out. */
  private record Sent(long offset, long position) {}

  // Of rooms that are streams, all guarded by lock: what was handed out last, and since when
  // nobody is there.
  private final Map<String, Sent> delivered = new HashMap<>();
  private final Map<String, Long> deserted = new HashMap<>();

  // By such a room, guarded by lock: after which position all of it is known, and what reads the
  // time before.
  private final Map<String, Long> followedFrom = new HashMap<>();
  private final Map<String, CompletableFuture<Boolean>> earlier = new HashMap<>();

  /** Sockets that are or will be in it; changed by the server alone, atomically per name. */
  int claims;

  /** When the last of them went; as above. */
  long emptyNanos = System.nanoTime();

  /** What a program has registered; shared by the namespaces of one pattern. */
  static final class Registrations {
    private volatile List<Consumer<Socket>> connection = List.of();
    private volatile List<Middleware> middleware = List.of();
    private volatile List<RoomListener> rooms = List.of();
    private volatile List<SlowRule> slow = List.of();
    private volatile HandlerThreads threads = HandlerThreads.VIRTUAL;
  }

  LocalNamespace(SocketIoServer server, String name, Registrations registrations) {
    this(server, name, registrations, null);
  }

  LocalNamespace(
      SocketIoServer server, String name, Registrations registrations, @Nullable Journal journal) {
    this.server = server;
    this.name = name;
    this.registrations = registrations;
    this.journal = journal;
    this.slow = SlowRule.of(server.config().slow(), name);
    this.entrance = new Entrance(this, server.streams(), journal);
    if (journal != null) {
      open(journal);
    }
  }

  /** Nothing happens here before what its log has of earlier is known. */
  private void open(Journal kept) {
    Steps.Step opening;
    synchronized (lock) {
      opening = steps.await((_, _) -> {});
    }
    var _ =
        kept.open(this)
            .whenComplete((loaded, failure) -> {
              synchronized (lock) {
                if (failure != null) {
                  LOG.log(
                      System.Logger.Level.ERROR,
                      "namespace {0}: its log cannot be read, nobody recovers from before: {1}",
                      name,
                      Journal.reason(failure));
                }
                head = kept.now();
                backlog = loaded == null ? new Backlog(kept.config().maxBytes(), head) : loaded;
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
    return registrations.threads == HandlerThreads.EVENT_LOOP;
  }

  BuiltIn builtIn() {
    return server.builtIn();
  }

  boolean answersBuiltIn() {
    return config().builtIn().contains(name);
  }

  Presence presence() {
    return presence;
  }

  /**
   * On the loop of a socket that has seen a stream up to {@code offset}: whether that is all its
   * room was sent, so that it goes on with the room.
   */
  boolean goesLive(ClientSocket socket, String room, long offset) {
    synchronized (lock) {
      Sent sent = delivered.get(room);
      if (sent != null && sent.offset() > offset) {
        return false;
      }
      socket.holdBack(room, offset);
      Membership membership = Members.find(socket, room);
      if (membership != null) {
        // What waits to be handed out is among what it has seen.
        long has = sent == null ? head : Math.max(head, sent.position());
        membership.since = Math.max(membership.since, has);
      }
    }
    save(socket);
    return true;
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
    return Thread.holdsLock(lock);
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
  public String name() {
    return name;
  }

  // --- what a program registers

  @Override
  public Namespace onConnection(Consumer<Socket> handler) {
    synchronized (registrations) {
      registrations.connection = more(registrations.connection, handler);
    }
    return this;
  }

  @Override
  public Namespace use(Middleware middleware) {
    synchronized (registrations) {
      registrations.middleware = more(registrations.middleware, middleware);
    }
    return this;
  }

  @Override
  public Namespace handleOn(HandlerThreads threads) {
    registrations.threads = threads;
    return this;
  }

  @Override
  public Namespace onRooms(RoomListener listener) {
    synchronized (registrations) {
      registrations.rooms = more(registrations.rooms, listener);
    }
    return this;
  }

  @Override
  public Namespace onSlow(SlowPolicy policy) {
    return onSlow("", policy);
  }

  @Override
  public Namespace onSlow(String rooms, SlowPolicy policy) {
    synchronized (registrations) {
      registrations.slow = more(registrations.slow, new SlowRule(rooms, policy));
    }
    return this;
  }

  private @Nullable Treatment treatment(Set<String> to) {
    List<SlowRule> own = registrations.slow;
    if (own.isEmpty()) {
      return SlowRule.treatment(slow, to, values());
    }
    List<SlowRule> all = new ArrayList<>(own);
    all.addAll(slow);
    return SlowRule.treatment(all, to, values());
  }

  BackPressure backPressure() {
    return server.backPressure();
  }

  private static <T> List<T> more(List<T> list, T one) {
    List<T> more = new ArrayList<>(list);
    more.add(one);
    return List.copyOf(more);
  }

  // --- sockets come and go

  List<Middleware> middleware() {
    return registrations.middleware;
  }

  /** Under the lock: whether all that was kept after a position is known. */
  boolean knowsSince(long position) {
    return backlog != null && position >= backlog.floor() && position <= head;
  }

  /** Under the lock: the client of a socket is back on another connection. */
  void replace(String id) {
    ClientSocket earlier = members.get(id);
    if (earlier != null) {
      earlier.replaced();
    }
  }

  /**
   * Sees to it that what came to those of the rooms that are streams is known, also from before
   * they were followed here.
   *
   * @param rooms each with the position from which on it counts
   * @param seen position up to which nothing counts
   * @param reader reads what came to a room earlier; false when that is not known
   */
  CompletableFuture<Boolean> know(
      Map<String, Long> rooms, long seen, BiPredicate<String, StreamPath> reader) {
    CompletableFuture<Boolean> all = CompletableFuture.completedFuture(true);
    synchronized (lock) {
      for (Map.Entry<String, Long> each : rooms.entrySet()) {
        String room = each.getKey();
        StreamPath path = server.streams().streamOf(name, room);
        if (path == null) {
          continue;
        }
        if (!followedFrom.containsKey(room)) {
          follow(room, path);
          deserted.put(room, System.currentTimeMillis());
        }
        if (Math.max(seen, each.getValue()) < followedFrom.getOrDefault(room, 0L)) {
          CompletableFuture<Boolean> known =
              earlier.computeIfAbsent(
                  room,
                  _ ->
                      CompletableFuture.supplyAsync(
                          () -> reader.test(room, path), Thread::startVirtualThread));
          all = all.thenCombine(known, (a, b) -> a && b);
        }
      }
    }
    return all;
  }

  /** Takes in what came to a room before it was followed. */
  void addEarlier(String room, List<Backlog.Entry> found) {
    synchronized (lock) {
      long from = followedFrom.getOrDefault(room, 0L);
      if (backlog != null) {
        backlog.addEarlier(found.stream().filter(entry -> entry.position() <= from).toList());
      }
    }
  }

  /** Under the lock. */
  private void follow(String room, StreamPath path) {
    if (!followedFrom.containsKey(room)) {
      server.streams().follow(this, room, path);
      followedFrom.put(room, journal == null ? 0 : journal.now());
    }
  }

  /** On the store's commit thread: another stream of that name begins at the first offset. */
  void onStreamDeleted(String room) {
    inOrder(() -> {
      delivered.remove(room);
      for (ClientSocket socket : members.in(Set.of(room))) {
        socket.connection().session().execute(() -> socket.forgetHeldBack(room));
      }
    });
  }

  /** It has no sockets, and none that may come back. */
  void close() {
    synchronized (lock) {
      Set.copyOf(followedFrom.keySet()).forEach(this::unfollow);
    }
  }

  /** Any thread: lets a socket in. */
  void enter(ClientSocket socket) {
    inOrder(() -> {
      if (socket.hasLeft()) {
        return;
      }
      Journal kept = journal;
      if (kept != null && socket.pid() != null && !socket.recovered()) {
        socket.startAt(head);
        Steps.Step step = steps.await((_, _) -> welcome(socket));
        whenKept(step, kept.create(socket.pid(), socket.saved(0)));
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
    replace(socket.id()); // one that came back at the same time
    server.observer().onConnect(socket);
    members.enter(socket, head);
    socket.admitted();
    long expiresAt = socket.caller().expiresAt();
    if (expiresAt != Long.MAX_VALUE) {
      socket.expiresAfter(Duration.ofMillis(Math.max(0, expiresAt - System.currentTimeMillis())));
    }
    Journal kept = journal;
    if (kept != null && socket.recovered()) {
      whenKept(
          steps.await((_, _) -> {}),
          kept.save(Objects.requireNonNull(socket.pid()), socket.saved(0)));
    }
    Map<String, String> granted = new LinkedHashMap<>();
    granted.put("sid", socket.id());
    if (socket.pid() != null) {
      granted.put("pid", socket.pid());
    }
    Delivery reply =
        Delivery.of(
            new SocketPacket.Connect(
                name,
                "",
                socket.connection().session().revision() == Revision.EIO3
                    ? Slice.EMPTY
                    : values().bytes(values().tree(granted))),
            true,
            false);
    socket
        .connection()
        .session()
        .execute(() -> {
          socket.begin(reply);
          socket.run(() -> registrations.connection.forEach(handler -> handler.accept(socket)));
        });
  }

  /** Any thread: a socket has gone, for good or for a while. */
  void remove(ClientSocket socket, boolean forGood) {
    inOrder(() -> {
      Journal kept = journal;
      String pid = socket.pid();
      if (kept != null && pid != null && socket.isAdmitted()) {
        whenKept(
            steps.await((_, _) -> {}),
            forGood ? kept.delete(pid) : kept.save(pid, socket.saved(System.currentTimeMillis())));
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
          whenKept(steps.await((_, _) -> {}), kept.save(pid, socket.saved(0)));
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
    synchronized (lock) {
      present = members.sockets();
      now = head;
      long oldest = System.currentTimeMillis() - kept.config().window().toMillis();
      if (backlog != null) {
        backlog.expire(oldest);
      }
      List<String> over = new ArrayList<>();
      deserted.forEach((room, since) -> {
        if (since < oldest) {
          over.add(room);
        }
      });
      over.forEach(this::unfollow);
      deserted.keySet().removeAll(over);
    }
    for (ClientSocket socket : present) {
      String pid = socket.pid();
      if (pid != null) {
        socket
            .connection()
            .session()
            .execute(() -> {
              if (socket.note(now)) {
                save(socket);
              } else {
                kept.touch(pid);
              }
            });
      }
    }
  }

  boolean noted(ClientSocket socket, long seen, long last) {
    synchronized (lock) {
      return socket.noted(seen, last);
    }
  }

  /** Under the lock. */
  private void unfollow(String room) {
    StreamPath path = server.streams().streamOf(name, room);
    if (path != null) {
      server.streams().unfollow(this, room, path);
    }
    delivered.remove(room);
    followedFrom.remove(room);
    earlier.remove(room);
  }

  private void whenKept(Steps.Step step, CompletableFuture<?> kept) {
    var _ =
        kept.whenComplete((_, failure) -> {
          if (failure != null) {
            LOG.log(
                System.Logger.Level.WARNING,
                "namespace {0}: a session cannot be kept: {1}",
                name,
                Journal.reason(failure));
          }
          synchronized (lock) {
            steps.ready(step, Delivery.NOT_KEPT, 0);
          }
        });
  }

  void join(ClientSocket socket, List<String> names) {
    inOrder(() -> {
      // Also for one whose connection was lost since: it comes back with the room.
      if (socket.equals(members.get(socket.id()))) {
        names.forEach(room -> members.join(socket, room, head));
      }
    });
  }

  void leave(ClientSocket socket, List<String> names) {
    inOrder(() -> names.forEach(room -> members.leave(socket, room)));
  }

  /** The socket's connection goes on on another loop. */
  void move(ClientSocket socket, Lane to) {
    synchronized (lock) {
      members.move(socket, to);
    }
  }

  /** Under the lock. */
  @Override
  public void onCreate(String room) {
    StreamPath path = server.streams().streamOf(name, room);
    if (path != null) {
      follow(room, path);
      deserted.remove(room);
    }
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
    StreamPath path = server.streams().streamOf(name, room);
    if (path != null && journal == null) {
      unfollow(room);
    } else if (path != null) {
      deserted.put(room, System.currentTimeMillis()); // some may come back to it
    }
    tellRooms(listener -> listener.onDelete(room));
  }

  private void tellRooms(Consumer<RoomListener> news) {
    for (RoomListener listener : registrations.rooms) {
      try {
        news.accept(listener);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "namespace " + name + ": a room listener failed", e);
      }
    }
  }

  // --- packets

  /**
   * Any thread: does something after all that was done to this namespace before, and before all
   * that comes after it. Runs under the lock, so it only hands over.
   */
  void inOrder(Runnable step) {
    synchronized (lock) {
      steps.run(step);
    }
  }

  void emit(ClientSocket socket, SocketPacket.Event event, boolean compress, boolean mayDrop) {
    server.observer().onSent(socket, event);
    if (journal == null) {
      Delivery delivery = Delivery.of(event, compress, mayDrop);
      socket.deliver(event.wantsAck() ? delivery : delivery.treated(treatment(Set.of())));
    } else if (mayDrop || event.wantsAck()) {
      inOrder(() -> socket.deliver(notKept(event, compress, mayDrop)));
    } else {
      keep(Set.of(socket.id()), Set.of(), event, compress, treatment(Set.of()), socket::deliver);
    }
  }

  void cast(Selection to, SocketPacket.Event event) {
    Selection rest =
        to.mayDrop() ? to : castToStreams(to, event); // what may be dropped is not kept
    if (rest != null) {
      castHere(rest, event);
    }
  }

  /**
   * Sends to those rooms that are streams; gives the others, or {@code null} when there are none.
   */
  private @Nullable Selection castToStreams(Selection to, SocketPacket.Event event) {
    StreamRooms streams = server.streams();
    if (!streams.hasBindings()) {
      return to;
    }
    Set<String> ordinary = new LinkedHashSet<>();
    Set<String> targets = to.rooms().isEmpty() ? Set.of(Backlog.EVERYONE) : to.rooms();
    for (String room : targets) {
      StreamPath path = room.startsWith(StreamRooms.BY_PATH) ? null : streams.streamOf(name, room);
      if (path == null) {
        ordinary.add(room);
        continue;
      }
      var _ =
          streams
              .send(name, room, path, event, to.excepted())
              .whenComplete((result, failure) -> {
                if (!(result instanceof AppendResult.Appended)) {
                  LOG.log(
                      System.Logger.Level.WARNING,
                      "namespace {0}: an event did not get into the stream of its room: {1}",
                      name,
                      failure == null ? result : Journal.reason(failure));
                }
              });
    }
    if (ordinary.size() == targets.size()) {
      return to;
    }
    return ordinary.isEmpty() ? null : to.in(ordinary);
  }

  private void castHere(Selection to, SocketPacket.Event event) {
    if (journal == null || to.mayDrop()) {
      Treatment treatment = treatment(to.rooms());
      inOrder(() -> fanOut(to, notKept(event, to.compressed(), to.mayDrop()).treated(treatment)));
    } else {
      keep(
          to.rooms(),
          to.excepted(),
          event,
          to.compressed(),
          treatment(to.rooms()),
          delivery -> fanOut(to, delivery));
    }
  }

  void castWithAck(Selection to, SocketPacket.Event event, Selection.Answers answers) {
    Delivery delivery = Delivery.of(event, to.compressed(), to.mayDrop());
    inOrder(() -> {
      answers.expect(List.copyOf(select(to)), event.ackId(), this);
      fanOut(to, delivery);
    });
  }

  /**
   * An event that is not kept. A client that recovers takes a string at the end of an event for a
   * position, so it gets the one it has anyway.
   */
  private Delivery notKept(SocketPacket.Event event, boolean compress, boolean mayDrop) {
    if (journal == null || event.wantsAck() || !Values.endsWithString(event.payload())) {
      return Delivery.of(event, compress, mayDrop);
    }
    Delivery told = Delivery.kept(event, compress, head);
    return new Delivery(event, told.encoded(), compress, mayDrop, Delivery.NOT_KEPT, null, null);
  }

  /** Keeps an event in the log, and lets it leave once it is there. */
  private void keep(
      Set<String> to,
      Set<String> excepted,
      SocketPacket.Event event,
      boolean compress,
      @Nullable Treatment treatment,
      Consumer<Delivery> leave) {
    Journal kept = Objects.requireNonNull(journal);
    LogRecord entry = new LogRecord(to, excepted, event.payload());
    synchronized (lock) {
      Steps.Step step =
          steps.awaitKept((position, time) -> {
            if (position == Delivery.NOT_KEPT) {
              leave.accept(notKept(event, compress, false).treated(treatment));
              return;
            }
            Delivery delivery = Delivery.kept(event, compress, position).treated(treatment);
            head = position;
            if (backlog != null) {
              backlog.add(new Backlog.Entry(position, time, to, excepted, delivery));
            }
            leave.accept(delivery);
          });
      var _ =
          kept.append(this, step.id, entry)
              .whenComplete((result, failure) -> {
                if (!(result instanceof AppendResult.Appended)) {
                  onNotStored(
                      step, failure == null ? String.valueOf(result) : Journal.reason(failure));
                }
              });
    }
  }

  /** On the store's commit thread: a message of a stream that is one of its rooms. */
  void onStreamMessage(
      String room, long position, SocketPacket.Event event, Set<String> excepted, Message message) {
    Selection to = everyone.to(room).except(excepted.toArray(new String[0]));
    Set<String> rooms = Set.of(room);
    Treatment treatment = treatment(rooms);
    synchronized (lock) {
      delivered.put(room, new Sent(message.offset(), position));
      if (journal == null) {
        Delivery delivery = Delivery.of(event, true, false).from(room, message.offset());
        steps.run(() -> fanOut(to, delivery.treated(treatment)));
        return;
      }
      steps.kept(
          position,
          message.timestamp(),
          (at, time) -> {
            Delivery delivery =
                Delivery.kept(event, true, at).from(room, message.offset()).treated(treatment);
            head = at;
            if (backlog != null) {
              backlog.add(new Backlog.Entry(at, time, rooms, excepted, delivery));
            }
            fanOut(to, delivery);
          });
    }
  }

  /** On the store's commit thread. */
  void onStored(long step, long position, long timeMillis) {
    synchronized (lock) {
      steps.ready(step, position, timeMillis);
    }
  }

  private void onNotStored(Steps.Step step, String reason) {
    LOG.log(
        System.Logger.Level.WARNING,
        "namespace {0}: an event is sent but not kept for recovery: {1}",
        name,
        reason);
    synchronized (lock) {
      steps.ready(step, Delivery.NOT_KEPT, 0);
    }
  }

  /** What a socket has not seen after a position; {@code null} when something may be missing. */
  @Nullable List<Backlog.Entry> missed(ClientSocket socket, long after, int most) {
    synchronized (lock) {
      Backlog known = backlog;
      if (known == null) {
        return null;
      }
      return known.missed(socket.since(true), after, most);
    }
  }

  static SocketPacket.Event event(Values values, String namespace, SocketPacket.Payload payload) {
    return new SocketPacket.Event(
        namespace, values.json().scanEvent(payload.json()), SocketPacket.NO_ACK, payload);
  }

  private void fanOut(Selection to, Delivery delivery) {
    Room room = members.chosen(to.rooms());
    if (room == null) {
      return;
    }
    Set<ClientSocket> except = members.in(to.excepted());
    for (Room.Crowd crowd : room.crowds()) {
      crowd.lane().post(new Fan(delivery, crowd, except));
    }
    SocketObserver observer = server.observer();
    if (observer != SocketObserver.NONE && delivery.packet() instanceof SocketPacket.Event event) {
      List<ClientSocket> some = room.some(MOST_OBSERVED, except);
      if (!some.isEmpty()) {
        observer.onBroadcast(some, Math.max(some.size(), room.size() - except.size()), event);
      }
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
    synchronized (lock) {
      return List.copyOf(members.sockets());
    }
  }

  int count() {
    synchronized (lock) {
      return members.count();
    }
  }

  /** Rooms and how many are in each. A snapshot. */
  Map<String, Integer> roomSizes() {
    synchronized (lock) {
      return members.roomSizes();
    }
  }

  SocketObserver observer() {
    return server.observer();
  }

  // --- as a choice of all its sockets

  @Override
  public Broadcast to(String... more) {
    return everyone.to(more);
  }

  @Override
  public Broadcast except(String... more) {
    return everyone.except(more);
  }

  @Override
  public Broadcast local() {
    return everyone.local();
  }

  @Override
  public Broadcast asVolatile() {
    return everyone.asVolatile();
  }

  @Override
  public Broadcast compress(boolean compress) {
    return everyone.compress(compress);
  }

  @Override
  public Broadcast timeout(Duration timeout) {
    return everyone.timeout(timeout);
  }

  @Override
  public void emit(String event, @Nullable Object... args) {
    everyone.emit(event, args);
  }

  @Override
  public CompletableFuture<List<Arguments>> emitWithAck(String event, @Nullable Object... args) {
    return everyone.emitWithAck(event, args);
  }

  @Override
  public CompletableFuture<List<RemoteSocket>> fetchSockets() {
    return everyone.fetchSockets();
  }

  @Override
  public void socketsJoin(String... joined) {
    everyone.socketsJoin(joined);
  }

  @Override
  public void socketsLeave(String... gone) {
    everyone.socketsLeave(gone);
  }

  @Override
  public void disconnectSockets(boolean close) {
    everyone.disconnectSockets(close);
  }

  @Override
  public String toString() {
    return "namespace " + name;
  }
}
