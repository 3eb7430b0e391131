package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.socketio.Ack;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.Handshake;
import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.engine.CloseReason;
import dev.parley.wire.socketio.engine.Outgoing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One client in one namespace. Safe on any thread. */
final class ClientSocket implements Socket {
  private static final System.Logger LOG = System.getLogger(ClientSocket.class.getName());
  static final Duration ACK_TIMEOUT = Duration.ofSeconds(5);
  private static final int CHUNK = 64;

  /** Reasons after which nobody comes back. */
  private static final Set<String> FOR_GOOD =
      Set.of("client namespace disconnect", "server namespace disconnect");

  private final LocalNamespace namespace;
  private final Connection connection;
  private final Handshake handshake;
  private final String id;
  private final Handlers handlers = new Handlers();
  private volatile @Nullable Hooks hooks;
  private volatile @Nullable Inbox inbox; // of virtual threads, made with the first task
  private volatile List<String> roomNames = List.of();
  private volatile boolean admitted;
  private volatile @Nullable Future<?> expiry; // of its token
  private volatile boolean left;
  private final Caller caller;
  private volatile @Nullable Meter meter; // of its user; null when nothing is limited
  private final @Nullable String pid; // what its client comes back with; null without recovery
  private final boolean recovered;
  private @Nullable Map<String, Object> data; // guarded by this
  private @Nullable Map<Long, Awaited> acks; // guarded by this

  /** Where it is in the rooms of its namespace, whose lock guards these. */
  List<Room.Membership> memberships = List.of();

  Lane lane;

  // What its client has been sent of what is kept: guarded by the lock of the namespace.
  private Map<String, Long> savedRooms = Map.of();
  private long start;
  private long savedLast;
  private long savedSeen;

  // Confined to the loop of the connection.
  private long last; // position of the last kept packet it was sent, or that was not for it
  private boolean behind = true; // it catches up from the backlog
  private boolean begun;
  private @Nullable Map<String, Long> heldBack; // by room: offsets its client has, or will have
  private @Nullable WaitingLine line; // what waits by a policy of what is kept; null while none

  /** What few sockets have. Fields are set under the socket's monitor. */
  private static final class Hooks {
    volatile List<EventRewriter> middleware = List.of();
    volatile List<BiConsumer<String, Arguments>> any = List.of();
    volatile List<BiConsumer<String, Arguments>> outgoing = List.of();
    volatile List<Consumer<String>> disconnecting = List.of();
    volatile List<Consumer<String>> disconnected = List.of();
    volatile @Nullable Consumer<Exception> error;
  }

  /** Someone who waits for an answer: one of the two is called, once. */
  interface Awaited {
    void onAnswer(EventArguments answer);

    void onGone();
  }

  /** One that begins. */
  ClientSocket(
      LocalNamespace namespace,
      Connection connection,
      Handshake handshake,
      String id,
      @Nullable String pid,
      Caller caller) {
    this.caller = caller;
    this.namespace = namespace;
    this.connection = connection;
    this.handshake = handshake;
    this.id = id;
    this.pid = pid;
    this.recovered = false;
    this.lane = connection.lane();
  }

  /** One that goes on where {@code saved} was left, its client having seen {@code seen}. */
  ClientSocket(
      LocalNamespace namespace,
      Connection connection,
      Handshake handshake,
      String pid,
      SavedSession saved,
      long seen,
      Caller caller) {
    this.caller = caller;
    this.namespace = namespace;
    this.connection = connection;
    this.handshake = handshake;
    this.id = saved.id();
    this.pid = pid;
    this.recovered = true;
    this.lane = connection.lane();
    this.roomNames = List.copyOf(saved.rooms().keySet());
    this.savedRooms = saved.rooms();
    this.data = new SavedData(this, saved.data());
    this.start = saved.start();
    this.savedLast = saved.last();
    this.savedSeen = saved.seen();
    this.last = seen;
  }

  @Nullable String pid() {
    return pid;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public LocalNamespace namespace() {
    return namespace;
  }

  @Override
  public Handshake handshake() {
    return handshake;
  }

  Connection connection() {
    return connection;
  }

  boolean isAdmitted() {
    return admitted;
  }

  boolean hasLeft() {
    return left;
  }

  void admitted() {
    admitted = true;
  }

  @Override
  public synchronized Map<String, Object> data() {
    Map<String, Object> kept = data;
    if (kept == null) {
      kept = pid == null ? new ConcurrentHashMap<>() : new SavedData(this, Map.of());
      data = kept;
    }
    return kept;
  }

  /** What it holds, without making room for more. */
  synchronized Map<String, Object> heldData() {
    return data == null ? Map.of() : data;
  }

  @Override
  public boolean recovered() {
    return recovered;
  }

  @Override
  public boolean connected() {
    return admitted && !left;
  }

  @Override
  public Set<String> rooms() {
    return new LinkedHashSet<>(roomNames);
  }

  @Override
  public void join(String... rooms) {
    requireOrdinary(rooms);
    joinAny(rooms);
  }

  /** Those of streams by path, and of who watches them, are entered with the rights for it. */
  static void requireOrdinary(String... rooms) {
    for (String room : rooms) {
      if (room.startsWith(StreamRooms.BY_PATH) || room.startsWith(Presence.WATCHERS)) {
        throw new IllegalArgumentException(
            "room: "
                + room
                + " (expected: a name without "
                + StreamRooms.BY_PATH
                + " or "
                + Presence.WATCHERS
                + " before it, which are the server's)");
      }
    }
  }

  void joinAny(String... rooms) {
    List<String> joined = new ArrayList<>(rooms.length);
    synchronized (this) {
      List<String> names = new ArrayList<>(roomNames);
      for (String room : rooms) {
        if (!room.equals(id) && !room.equals(Backlog.EVERYONE) && !names.contains(room)) {
          names.add(room);
          joined.add(room);
        }
      }
      roomNames = List.copyOf(names);
    }
    if (!joined.isEmpty()) {
      namespace.join(this, joined);
      namespace.save(this);
    }
  }

  @Override
  public void leave(String... rooms) {
    List<String> gone = new ArrayList<>(rooms.length);
    synchronized (this) {
      List<String> names = new ArrayList<>(roomNames);
      for (String room : rooms) {
        if (names.remove(room)) {
          gone.add(room);
        }
      }
      roomNames = List.copyOf(names);
    }
    if (!gone.isEmpty()) {
      namespace.leave(this, gone);
      namespace.save(this);
    }
  }

  // --- handlers

  @Override
  public Socket on(String event, Consumer<Arguments> handler) {
    handlers.add(event, false, handler);
    return this;
  }

  @Override
  public <T> Socket on(String event, Class<T> type, Consumer<T> handler) {
    return on(event, arguments -> handler.accept(arguments.require(0, type)));
  }

  @Override
  public <T> Socket on(String event, Class<T> type, BiConsumer<T, Ack> handler) {
    return on(event, arguments -> handler.accept(arguments.require(0, type), arguments.ack()));
  }

  @Override
  public Socket once(String event, Consumer<Arguments> handler) {
    handlers.add(event, true, handler);
    return this;
  }

  @Override
  public Socket off(String event) {
    handlers.remove(event);
    return this;
  }

  @Override
  public synchronized Socket onAny(BiConsumer<String, Arguments> handler) {
    hooks().any = more(hooks().any, handler);
    return this;
  }

  @Override
  public synchronized Socket onAnyOutgoing(BiConsumer<String, Arguments> handler) {
    hooks().outgoing = more(hooks().outgoing, handler);
    return this;
  }

  @Override
  public synchronized Socket rewrite(EventRewriter rewriter) {
    hooks().middleware = more(hooks().middleware, rewriter);
    return this;
  }

  @Override
  public synchronized Socket onError(Consumer<Exception> handler) {
    hooks().error = handler;
    return this;
  }

  @Override
  public synchronized Socket onDisconnecting(Consumer<String> handler) {
    hooks().disconnecting = more(hooks().disconnecting, handler);
    return this;
  }

  @Override
  public synchronized Socket onDisconnect(Consumer<String> handler) {
    hooks().disconnected = more(hooks().disconnected, handler);
    return this;
  }

  private synchronized Hooks hooks() {
    Hooks made = hooks;
    if (made == null) {
      made = new Hooks();
      hooks = made;
    }
    return made;
  }

  private static <T> List<T> more(List<T> list, T one) {
    List<T> more = new ArrayList<>(list);
    more.add(one);
    return List.copyOf(more);
  }

  // --- what comes in

  /** On the connection's loop. */
  void onEvent(SocketPacket.Event event) {
    Ack ack = event.wantsAck() ? answer(event.ackId()) : null;
    EventArguments arguments = EventArguments.ofEvent(namespace.values(), event.payload(), ack);
    if (BuiltIn.isMeant(event.name()) && namespace.answersBuiltIn()) {
      namespace.builtIn().onEvent(this, event, arguments);
      return;
    }
    run(() -> dispatch(event.name(), arguments));
  }

  private Ack answer(long ackId) {
    AtomicBoolean sent = new AtomicBoolean();
    return args -> {
      SocketPacket.Ack packet =
          new SocketPacket.Ack(namespace.name(), ackId, namespace.values().answer(args));
      if (!sent.getAndSet(true)) {
        namespace.inOrder(() -> connection.post(Delivery.of(packet, true, false)));
      }
    };
  }

  /** Runs a task of this socket after those before it, on the threads its namespace says. */
  void run(Runnable task) {
    if (namespace.onEventLoop()) {
      if (connection.lane().loop.inEventLoop() && !namespace.isLocked()) {
        guarded(task);
      } else {
        connection.session().execute(() -> guarded(task));
      }
      return;
    }
    Inbox mine = inbox;
    if (mine == null) {
      synchronized (this) {
        mine = inbox;
        if (mine == null) {
          mine =
              new Inbox(
                  namespace.config().maxWaitingEvents(),
                  () -> connection.onInbox(true),
                  () -> connection.onInbox(false));
          inbox = mine;
        }
      }
    }
    mine.submit(() -> guarded(task));
  }

  private void dispatch(String event, EventArguments came) {
    Hooks extra = hooks;
    EventArguments arguments = came;
    try {
      if (extra != null) {
        for (EventRewriter middleware : extra.middleware) {
          @Nullable Object[] next = middleware.rewrite(event, arguments);
          if (next == null) {
            return;
          }
          arguments = rewritten(event, arguments, next);
        }
        for (BiConsumer<String, Arguments> any : extra.any) {
          any.accept(event, arguments);
        }
      }
    } catch (Exception e) {
      failed(e);
      return;
    }
    handlers.run(event, arguments);
  }

  private EventArguments rewritten(String event, EventArguments came, @Nullable Object[] next) {
    return next.length == 1 && next[0] == came
        ? came
        : EventArguments.ofEvent(
            namespace.values(), namespace.values().event(event, next), came.ack());
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (Exception e) {
      failed(e);
    } catch (Error e) { // of one handler; the events after it have theirs
      LOG.log(
          System.Logger.Level.ERROR,
          "socket " + id + " of " + namespace.name() + ": a handler failed",
          e);
    }
  }

  /**
   * Runs what waited for an answer. Not behind other work of this socket: its handlers may be what
   * waits.
   */
  void answered(Runnable task) {
    if (namespace.onEventLoop()) {
      run(task);
    } else {
      Thread.ofVirtual().name("parley-answer").start(() -> guarded(task));
    }
  }

  private void failed(Exception failure) {
    Hooks extra = hooks;
    Consumer<Exception> handler = extra == null ? null : extra.error;
    if (handler == null) {
      LOG.log(
          System.Logger.Level.WARNING,
          "socket " + id + " of " + namespace.name() + ": a handler failed",
          failure);
    } else {
      try {
        handler.accept(failure);
      } catch (Exception e) {
        LOG.log(System.Logger.Level.WARNING, "socket " + id + ": its error handler failed", e);
      }
    }
  }

  /** On the connection's loop. */
  void onAck(SocketPacket.Ack ack) {
    Awaited awaited = takeAck(ack.ackId());
    if (awaited != null) {
      EventArguments arguments = EventArguments.ofAnswer(namespace.values(), ack.payload());
      answered(() -> awaited.onAnswer(arguments));
    }
  }

  void awaitAck(long ackId, Awaited awaited) {
    synchronized (this) {
      if (!left) {
        if (acks == null) {
          acks = new HashMap<>(4);
        }
        acks.put(ackId, awaited);
        return;
      }
    }
    awaited.onGone();
  }

  synchronized @Nullable Awaited takeAck(long ackId) {
    if (acks == null) {
      return null;
    }
    Awaited awaited = acks.remove(ackId);
    if (acks.isEmpty()) {
      acks = null;
    }
    return awaited;
  }

  // --- what goes out

  @Override
  public void emit(String event, @Nullable Object... args) {
    with().emit(event, args);
  }

  @Override
  public CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... args) {
    return with().emitWithAck(event, args);
  }

  @Override
  public Emitter with() {
    return new SocketEmitter(this, true, false, ACK_TIMEOUT);
  }

  /** On the connection's loop, as one of many. */
  void deliver(Delivery delivery, Outgoing outgoing) {
    if (connection.session().isArriving()) {
      connection.session().whenHere(() -> deliverNow(delivery));
    } else if (isDue(delivery)) {
      heard(delivery);
      connection.send(delivery, outgoing);
    }
  }

  /** Any thread. */
  void deliver(Delivery delivery) {
    connection.post(this, delivery);
  }

  /** On the connection's loop. */
  void deliverNow(Delivery delivery) {
    if (connection.session().isArriving()) {
      connection.session().whenHere(() -> deliverNow(delivery));
    } else if (isDue(delivery)) {
      heard(delivery);
      connection.send(delivery);
    }
  }

  /** Whether it is to be sent now: not what it has, nor what it will catch up with. */
  private boolean isDue(Delivery delivery) {
    Delivery.Origin origin = delivery.origin();
    boolean known =
        origin != null
            && heldBack != null
            && heldBack.getOrDefault(origin.room(), 0L) >= origin.offset();
    if (pid == null) {
      return !known;
    }
    long position = delivery.position();
    if (known) {
      last = behind ? last : Math.max(last, position);
      return false;
    }
    if (position == Delivery.NOT_KEPT) {
      return !(behind && delivery.mayDrop());
    }
    if (position <= last) {
      return false;
    }
    boolean waits = behind || line != null || !connection.isClear();
    if (waits && delivery.treatment() != null) {
      hold(delivery, delivery.treatment());
      return false;
    }
    if (behind) {
      return false;
    }
    if (waits) {
      behind = true;
      last = position - 1;
      return false;
    }
    last = position;
    return true;
  }

  /**
   * Its policy says what becomes of it. To the backlog it counts as sent, unless there is something
   * before it that comes from there: then {@link #catchUp} finds it in the line, or knows by the
   * line that it has gone.
   */
  private void hold(Delivery delivery, Treatment treatment) {
    if (treatment.disconnects()) {
      if (!behind) { // one that has just come back is not sent away for what it missed
        connection.tooSlow();
      }
      return;
    }
    if (line == null) {
      line = new WaitingLine(namespace.values(), namespace.backPressure());
    }
    line.add(delivery.position(), delivery);
    if (!behind) {
      last = delivery.position();
    }
    connection.limitWaiting();
  }

  /** On the connection's loop: what waits by a policy, in bytes. */
  long waitingBytes() {
    return line == null ? 0 : line.bytes();
  }

  /** On the connection's loop: messages of a stream up to {@code offset} come another way. */
  void holdBack(String room, long offset) {
    if (heldBack == null) {
      heldBack = new HashMap<>(2);
    }
    if (offset == 0) {
      heldBack.remove(room);
    } else {
      heldBack.put(room, offset);
    }
  }

  /** On the connection's loop. */
  void forgetHeldBack(String room) {
    if (heldBack != null && heldBack.getOrDefault(room, 0L) != Long.MAX_VALUE) {
      heldBack.remove(room);
    }
  }

  /** What all of its user send, or {@code null}; on the connection's loop, as it begins. */
  void measure(@Nullable Meter users) {
    meter = users;
  }

  @Nullable Meter meter() {
    return meter;
  }

  Caller caller() {
    return caller;
  }

  /** On the connection's loop: its client hears that it is in, then what it has missed. */
  void begin(Delivery reply) {
    if (connection.session().isArriving()) {
      connection.session().whenHere(() -> begin(reply));
      return;
    }
    if (begun) {
      return;
    }
    begun = true;
    connection.greeted();
    connection.send(reply);
    behind = recovered;
    catchUp();
  }

  /** On the connection's loop: sends what it has missed for as long as the connection takes it. */
  void catchUp() {
    while (begun && connection.isClear() && (behind || line != null)) {
      if (!behind) {
        sendLine(Long.MAX_VALUE);
        return;
      }
      List<Backlog.Entry> missed = namespace.missed(this, last, CHUNK);
      if (missed == null) {
        connection.overflow();
        return;
      }
      if (missed.isEmpty()) {
        behind = false;
        continue;
      }
      for (Backlog.Entry entry : missed) {
        sendLine(entry.position());
        if (!connection.isClear()) {
          return; // it goes on when the connection is writable again
        }
        if (entry.position() > last) { // sending may have made it writable, and got here before
          last = entry.position();
          if (!isGone(entry)) {
            heard(entry.delivery());
            connection.send(entry.delivery());
          }
        }
      }
    }
  }

  /** Whether a policy took it away. What is in the line up to it has been sent. */
  private boolean isGone(Backlog.Entry entry) {
    Treatment treatment = entry.delivery().treatment();
    return line != null
        && treatment != null
        && !treatment.disconnects()
        && line.hasTaken(entry.position());
  }

  /** Sends what waits by a policy up to a position, for as long as the connection takes it. */
  private void sendLine(long upTo) {
    for (WaitingLine waiting = line;
        waiting != null && connection.isClear() && waiting.next() <= upTo;
        waiting = line) { // sending may have made it writable, and got here before
      last = Math.max(last, waiting.next());
      Delivery next = Objects.requireNonNull(waiting.poll());
      if (waiting.isEmpty()) {
        line = null;
      }
      heard(next);
      connection.send(next);
    }
  }

  /**
   * On the connection's loop, after all up to {@code seen} was handed to it: whether there is news
   * to save.
   */
  boolean note(long seen) {
    return namespace.noted(this, behind ? last : seen, last);
  }

  /** Under the lock of the namespace. */
  boolean noted(long seen, long lastSent) {
    boolean news = seen != savedSeen;
    savedSeen = Math.max(savedSeen, seen);
    savedLast = Math.max(savedLast, lastSent);
    return news;
  }

  /** Under the lock of the namespace: it begins at this position. */
  void startAt(long position) {
    start = position;
    savedSeen = position;
    last = position;
  }

  /** Under the lock of the namespace: from where on a room it was in is its own. */
  long since(String room, long head) {
    return savedRooms.getOrDefault(room, head);
  }

  long start() {
    return start;
  }

  /**
   * Under the lock of the namespace: its rooms, each with the position from which on it is there.
   *
   * @param all whether the room of all and its own are among them
   */
  Map<String, Long> since(boolean all) {
    Map<String, Long> since = new HashMap<>();
    if (all) {
      since.put(id, start);
    }
    for (Room.Membership membership : memberships) {
      if (all || !membership.room.name.equals(Backlog.EVERYONE)) {
        since.put(membership.room.name, membership.since);
      }
    }
    return since;
  }

  /** Under the lock of the namespace: what is kept of it. */
  SavedSession saved(long goneMillis) {
    return new SavedSession(
        id,
        namespace.name(),
        caller.subject(),
        since(false),
        Map.copyOf(data()),
        start,
        savedLast,
        savedSeen,
        goneMillis);
  }

  private void heard(Delivery delivery) {
    Hooks extra = hooks;
    if (extra != null
        && !extra.outgoing.isEmpty()
        && delivery.packet() instanceof SocketPacket.Event event) {
      EventArguments arguments = EventArguments.ofEvent(namespace.values(), event.payload(), null);
      run(() -> {
        for (BiConsumer<String, Arguments> each : extra.outgoing) {
          each.accept(event.name(), arguments);
        }
      });
    }
  }

  @Override
  public Broadcast broadcast() {
    return Selection.all(namespace).except(id);
  }

  @Override
  public Broadcast to(String... rooms) {
    return broadcast().to(rooms);
  }

  @Override
  public Broadcast except(String... rooms) {
    return broadcast().except(rooms);
  }

  // --- the end

  /**
   * Its token is good for so long; then its connection ends, and its client comes back with
   * another.
   */
  void expiresAfter(Duration time) {
    expiry =
        namespace.after(time, () -> connection.session().close(CloseReason.FORCED_SERVER_CLOSE));
  }

  /** Under the lock of the namespace: its client is back on another connection. */
  void replaced() {
    connection.post(Delivery.of(new SocketPacket.Disconnect(namespace.name()), true, false));
    end("session taken over");
  }

  @Override
  public void disconnect(boolean close) {
    if (close) {
      // Posted: it takes the locks of other namespaces.
      namespace.inOrder(() -> connection.lane().post(connection::disconnect));
      return;
    }
    namespace.inOrder(() -> {
      if (!left) {
        connection.post(Delivery.of(new SocketPacket.Disconnect(namespace.name()), true, false));
        end("server namespace disconnect");
      }
    });
  }

  /** Ends it, whatever the reason; once. */
  void end(String reason) {
    Map<Long, Awaited> unanswered;
    synchronized (this) {
      if (left) {
        return;
      }
      left = true;
      unanswered = acks;
      acks = null;
    }
    Future<?> timer = expiry;
    if (timer != null) {
      timer.cancel(false);
    }
    connection.remove(this);
    namespace.remove(this, FOR_GOOD.contains(reason));
    if (!admitted) {
      return;
    }
    namespace.observer().onDisconnect(this, reason);
    run(() -> {
      Hooks extra = hooks;
      if (extra != null) {
        extra.disconnecting.forEach(handler -> handler.accept(reason));
      }
      roomNames = List.of();
      if (extra != null) {
        extra.disconnected.forEach(handler -> handler.accept(reason));
      }
    });
    if (unanswered != null) {
      unanswered.values().forEach(awaited -> answered(awaited::onGone));
    }
  }

  @Override
  public String toString() {
    return "socket " + id + " of " + namespace.name();
  }
}
