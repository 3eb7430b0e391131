package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.socketio.Ack;
import dev.parley.socketio.Handshake;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.engine.CloseReason;
import dev.parley.wire.socketio.engine.Outgoing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** One client in one namespace. Safe on any thread. */
final class ClientSocket extends SocketFace {
  static final Duration ACK_TIMEOUT = Duration.ofSeconds(5);

  /** Reasons after which nobody comes back. */
  private static final Set<String> FOR_GOOD =
      Set.of("client namespace disconnect", "server namespace disconnect");

  private final LocalNamespace namespace;
  private final Connection connection;
  private final Handshake handshake;
  private final String id;
  private final Handlers handlers = new Handlers(this);
  private final Outbox outbox;
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

  private final RecoveryState state; // guarded by that lock too

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
    this.outbox = new Outbox(this, 0);
    this.state = new RecoveryState(this);
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
    this.data = new SavedData(this, saved.data());
    this.outbox = new Outbox(this, seen);
    this.state = new RecoveryState(this, saved);
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

  // --- what comes in

  /** On the connection's loop. */
  void onEvent(SocketPacket.Event event) {
    Ack ack = event.wantsAck() ? answer(event.ackId()) : null;
    EventArguments arguments = EventArguments.ofEvent(namespace.values(), event.payload(), ack);
    if (BuiltIn.isMeant(event.name()) && namespace.answersBuiltIn()) {
      namespace.builtIn().onEvent(this, event, arguments);
      return;
    }
    handlers.run(() -> handlers.handle(event.name(), arguments));
  }

  private Ack answer(long ackId) {
    AtomicBoolean sent = new AtomicBoolean();
    return args -> {
      SocketPacket.Ack packet =
          new SocketPacket.Ack(namespace.name(), ackId, namespace.values().answer(args));
      if (!sent.getAndSet(true)) {
        namespace.inOrder(() -> deliver(Delivery.of(packet, true, false)));
      }
    };
  }

  /** On the connection's loop. */
  void onAck(SocketPacket.Ack ack) {
    Awaited awaited = takeAck(ack.ackId());
    if (awaited != null) {
      EventArguments arguments = EventArguments.ofAnswer(namespace.values(), ack.payload());
      handlers.answered(() -> awaited.onAnswer(arguments));
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

  /** On the connection's loop, as one of many. */
  void deliver(Delivery delivery, Outgoing outgoing) {
    if (connection.session().isArriving()) {
      connection.session().whenHere(() -> deliverNow(delivery));
    } else if (outbox.isDue(delivery)) {
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
    } else if (outbox.isDue(delivery)) {
      heard(delivery);
      connection.send(delivery);
    }
  }

  /** On the connection's loop. */
  Outbox outbox() {
    return outbox;
  }

  /** What all of its user send, or {@code null}; on the connection's loop, as it begins. */
  void measure(@Nullable Meter users) {
    meter = users;
  }

  @Nullable Meter meter() {
    return meter;
  }

  /** Under the lock of the namespace: it begins at this position. */
  void startAt(long position) {
    state.startAt(position);
    outbox.startAt(position);
  }

  /** Under the lock of the namespace. */
  RecoveryState state() {
    return state;
  }

  @Override
  Handlers handlers() {
    return handlers;
  }

  @Override
  ClientSocket socket() {
    return this;
  }

  Caller caller() {
    return caller;
  }

  /**
   * On the connection's loop: its client hears that it is in, then what it has missed.
   *
   * @param head of the namespace when it came in
   */
  void begin(Delivery reply, long head) {
    if (connection.session().isArriving()) {
      connection.session().whenHere(() -> begin(reply, head));
    } else if (!outbox.hasBegun()) {
      connection.greeted();
      connection.send(reply);
      outbox.begin(recovered ? head : 0);
    }
  }

  /** On the connection's loop: it is sent. */
  void heard(Delivery delivery) {
    if (handlers.hearOutgoing() && delivery.packet() instanceof SocketPacket.Event event) {
      EventArguments arguments = EventArguments.ofEvent(namespace.values(), event.payload(), null);
      handlers.run(() -> handlers.outgoing(event.name(), arguments));
    }
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
    namespace.inOrder(this::disconnectInOrder);
  }

  /** Under the lock of the namespace: its client hears so after what it was sent before. */
  private void disconnectInOrder() {
    if (left) {
      return;
    }
    Delivery word = Delivery.of(new SocketPacket.Disconnect(namespace.name()), true, false);
    if (admitted) {
      state.leave();
      deliver(word);
    } else {
      connection.post(word);
    }
    end("server namespace disconnect");
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
    handlers.run(() -> {
      handlers.disconnecting(reason);
      roomNames = List.of();
      handlers.disconnected(reason);
    });
    if (unanswered != null) {
      unanswered.values().forEach(awaited -> handlers.answered(awaited::onGone));
    }
  }

  @Override
  public String toString() {
    return "socket " + id + " of " + namespace.name();
  }
}
