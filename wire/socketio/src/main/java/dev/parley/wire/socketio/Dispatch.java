package dev.parley.wire.socketio;

import dev.parley.stream.AppendResult;
import dev.parley.stream.Message;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the events of one namespace. Where recovery is on, an event is kept in the log first and
 * leaves once it is there; it leaves by a task per event loop. Safe on any thread.
 */
final class Dispatch {
  private static final System.Logger LOG = System.getLogger(Dispatch.class.getName());
  private static final int MOST_OBSERVED = 8; // sockets of one broadcast that an observer is told

  private final LocalNamespace namespace;
  private final String name;
  private final SocketIoServer server;
  private final @Nullable Journal journal; // null when recovery is off
  private final Steps steps; // whose monitor is the lock of the namespace
  private final Members members; // guarded by the lock
  private final FollowedRooms followed; // guarded by the lock
  private @Nullable Backlog backlog; // guarded by the lock; null until the log is read
  private long head; // guarded by the lock: the last position handed out

  Dispatch(
      LocalNamespace namespace,
      SocketIoServer server,
      @Nullable Journal journal,
      Steps steps,
      Members members,
      FollowedRooms followed) {
    this.namespace = namespace;
    this.name = namespace.name();
    this.server = server;
    this.journal = journal;
    this.steps = steps;
    this.members = members;
    this.followed = followed;
  }

  /** Under the lock: what of earlier is known. */
  void begin(Backlog known, long now) {
    backlog = known;
    head = now;
  }

  /** Under the lock: the last position handed out. */
  long head() {
    return head;
  }

  /** Under the lock: whether all that was kept after a position is known. */
  boolean knowsSince(long position) {
    return backlog != null && position >= backlog.floor() && position <= head;
  }

  /** Takes in what came to a room before it was followed. */
  void addEarlier(String room, List<Backlog.Entry> found) {
    synchronized (steps) {
      long from = followed.from(room);
      if (backlog != null) {
        backlog.addEarlier(found.stream().filter(entry -> entry.position() <= from).toList());
      }
    }
  }

  /** Under the lock: forgets what is older. */
  void expire(long beforeMillis) {
    if (backlog != null) {
      backlog.expire(beforeMillis);
    }
  }

  void emit(ClientSocket socket, SocketPacket.Event event, boolean compress, boolean mayDrop) {
    server.observer().onSent(socket, event);
    if (journal == null) {
      Delivery delivery = Delivery.of(event, compress, mayDrop);
      socket.deliver(event.wantsAck() ? delivery : delivery.treated(treatment(Set.of())));
    } else if (mayDrop || event.wantsAck()) {
      namespace.inOrder(() -> socket.deliver(notKept(event, compress, mayDrop)));
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
      namespace.inOrder(
          () -> fanOut(to, notKept(event, to.compressed(), to.mayDrop()).treated(treatment)));
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
    namespace.inOrder(() -> {
      answers.expect(List.copyOf(namespace.select(to)), event.ackId(), namespace);
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
    synchronized (steps) {
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
          kept.append(namespace, step.id, entry)
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
    Selection to = namespace.everyone().to(room).except(excepted.toArray(new String[0]));
    Set<String> rooms = Set.of(room);
    Treatment treatment = treatment(rooms);
    synchronized (steps) {
      followed.onMessage(room, message.offset(), position);
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
    synchronized (steps) {
      steps.ready(step, position, timeMillis);
    }
  }

  private void onNotStored(Steps.Step step, String reason) {
    LOG.log(
        System.Logger.Level.WARNING,
        "namespace {0}: an event is sent but not kept for recovery: {1}",
        name,
        reason);
    synchronized (steps) {
      steps.ready(step, Delivery.NOT_KEPT, 0);
    }
  }

  /** What a socket has not seen after a position; {@code null} when something may be missing. */
  @Nullable List<Backlog.Entry> missed(ClientSocket socket, long after, int most) {
    synchronized (steps) {
      Backlog known = backlog;
      if (known == null) {
        return null;
      }
      return known.missed(socket.state().all(), after, most);
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

  private @Nullable Treatment treatment(Set<String> to) {
    return SlowRule.treatment(namespace.registrations().slow(), to, server.values());
  }
}
