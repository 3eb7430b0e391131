package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketDecoder;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.engine.CloseReason;
import dev.parley.wire.socketio.engine.Outgoing;
import dev.parley.wire.socketio.engine.Session;
import dev.parley.wire.socketio.engine.SessionListener;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: its sockets in all namespaces, and what waits for it while it is slow.
 * Confined to the loop of its session, unless said otherwise.
 */
final class Connection implements SessionListener {
  private final SocketIoServer server;
  private final Session session;
  private final SocketDecoder decoder;
  private final long connectDeadline;
  private final ConnectRequests connects;
  private volatile ClientSocket[] sockets = new ClientSocket[0]; // copied when changed
  private @Nullable WaitingLine waiting; // null while it keeps up
  private long numbered; // of what has waited
  private final @Nullable Inbound inbound; // null when nothing is limited
  private final List<Runnable> clearing = new ArrayList<>(0); // what waits for it to be clear
  private final List<ClientSocket> leaving = new ArrayList<>(0); // with something to send first
  private int fullInboxes;
  private volatile Lane lane;
  private List<String> left =
      List.of(); // namespaces it was in; what was under way to them is ignored
  private boolean greeted; // it has connected to a namespace once
  private boolean closed;
  private volatile boolean ending; // it is closed as soon as all is sent

  Connection(SocketIoServer server, Session session) {
    this.server = server;
    this.session = session;
    this.decoder = new SocketDecoder(session.revision(), server.values().json());
    this.connects = new ConnectRequests(server, this, session);
    long now = System.nanoTime();
    this.connectDeadline = now + server.config().connectTimeout().toNanos();
    this.lane = server.lane(session.loop());
    this.inbound = server.limits().of(session.handshake().remote().getAddress(), now);
    if (session.revision() == Revision.EIO3) {
      // The clients of revision 3 are in the main namespace without asking (Socket.IO 4).
      connects.connect(new SocketPacket.Connect("/"));
    } else {
      session.deadline(connectDeadline);
    }
  }

  Lane lane() {
    return lane;
  }

  ConnectRequests connects() {
    return connects;
  }

  /** Any thread: in how many namespaces it is. */
  int count() {
    return sockets.length;
  }

  Session session() {
    return session;
  }

  @Override
  public void onText(Slice utf8) {
    lane.traffic.received(utf8.length());
    long now = System.nanoTime();
    SocketPacket packet = decoder.onText(utf8, now);
    if (packet == null) {
      session.deadline(decoder.deadlineNanos());
    } else {
      receive(packet, utf8.length(), now);
    }
  }

  @Override
  public void onBinary(Slice bytes) {
    lane.traffic.received(bytes.length());
    long now = System.nanoTime();
    SocketPacket packet = decoder.onBinary(bytes, now);
    if (packet != null) {
      session.deadline(greeted ? 0 : connectDeadline);
      receive(packet, Inbound.size(packet), now);
    }
  }

  /** Any packet counts; beyond the limits an event is refused, others are not. */
  private void receive(SocketPacket packet, int size, long now) {
    Inbound meters = inbound;
    if (meters != null) {
      ClientSocket socket = find(packet.namespace());
      Inbound.Refusal refusal = meters.receive(size, socket == null ? null : socket.meter(), now);
      if (refusal != null && refuse(meters, refusal, packet, now)) {
        return;
      }
    }
    onPacket(packet);
  }

  /** Whether it goes no further. */
  private boolean refuse(Inbound meters, Inbound.Refusal refusal, SocketPacket packet, long now) {
    server.backPressure().refused();
    if (refusal.flood()) {
      server.backPressure().flooded();
      for (ClientSocket socket : sockets) {
        tell(socket, refusal);
      }
      session.close(CloseReason.RATE_LIMITED); // after it got what was sent before
      return true;
    }
    if (!(packet instanceof SocketPacket.Event event)) {
      return false;
    }
    ClientSocket socket = known(event.namespace());
    if (socket == null) {
      return true;
    }
    if (event.wantsAck()) {
      SocketPacket.Payload answer = server.values().answer(refusal.error());
      socket.deliverNow(
          Delivery.of(new SocketPacket.Ack(event.namespace(), event.ackId(), answer), true, false));
    } else if (meters.tells(now)) {
      tell(socket, refusal);
    }
    return true;
  }

  private void tell(ClientSocket socket, Inbound.Refusal refusal) {
    if (!socket.isAdmitted()) {
      return;
    }
    String namespace = socket.namespace().name();
    SocketPacket.Payload told = server.values().event(Inbound.ERROR, refusal.error());
    send(
        Delivery.of(
            new SocketPacket.Event(namespace, Inbound.ERROR, SocketPacket.NO_ACK, told),
            true,
            false));
  }

  @Override
  public void onDeadline(long now) {
    decoder.onTime(now);
    if (decoder.isPending()) {
      session.deadline(decoder.deadlineNanos());
    } else if (!greeted) {
      session.close(CloseReason.FORCED_CLOSE);
    }
  }

  private void onPacket(SocketPacket packet) {
    switch (packet) {
      case SocketPacket.Event event -> {
        ClientSocket socket = known(event.namespace());
        if (socket != null) {
          socket.namespace().observer().onReceived(socket, event);
          socket.onEvent(event);
        }
      }
      case SocketPacket.Ack ack -> {
        ClientSocket socket = known(ack.namespace());
        if (socket != null) {
          socket.onAck(ack);
        }
      }
      case SocketPacket.Connect connect -> connects.connect(connect);
      case SocketPacket.Disconnect disconnect -> {
        ClientSocket socket = known(disconnect.namespace());
        if (socket != null) {
          socket.end("client namespace disconnect");
        }
      }
      case SocketPacket.ConnectError _ ->
          throw new ProtocolException("packet", "connect error", "none from a client");
    }
  }

  private @Nullable ClientSocket known(String namespace) {
    ClientSocket socket = find(namespace);
    if (socket == null && hasLeft(namespace)) {
      return null;
    }
    if (socket == null || !socket.isAdmitted()) {
      throw new ProtocolException(
          "namespace", ProtocolException.quoted(namespace), "one the client is connected to");
    }
    return socket;
  }

  /** Any thread. */
  @Nullable ClientSocket find(String namespace) {
    for (ClientSocket socket : sockets) {
      if (socket.namespace().name().equals(namespace)) {
        return socket;
      }
    }
    return null;
  }

  /** On its loop. */
  void greeted() {
    if (!greeted) {
      greeted = true;
      if (!decoder.isPending()) {
        session.deadline(0);
      }
    }
  }

  /** On its loop. */
  synchronized ClientSocket add(ClientSocket socket) {
    if (inbound != null) {
      socket.measure(inbound.joined(socket.caller().subject(), System.nanoTime()));
    }
    List<ClientSocket> more = new ArrayList<>(List.of(sockets));
    more.add(socket);
    sockets = more.toArray(new ClientSocket[0]);
    return socket;
  }

  /** Any thread. */
  synchronized void remove(ClientSocket socket) {
    List<ClientSocket> rest = new ArrayList<>(List.of(sockets));
    rest.remove(socket);
    sockets = rest.toArray(new ClientSocket[0]);
    String subject = socket.caller().subject();
    if (inbound != null && subject != null && socket.meter() != null) {
      inbound.left(subject, System.nanoTime());
    }
    if (!hasLeft(socket.namespace().name()) && left.size() < server.config().maxNamespaces()) {
      List<String> names = new ArrayList<>(left);
      names.add(socket.namespace().name());
      left = List.copyOf(names);
    }
    if (ending) {
      session.execute(this::endWhenSent);
    }
  }

  private synchronized boolean hasLeft(String namespace) {
    return left.contains(namespace);
  }

  /** On its loop: whether it lets nobody in any more. */
  boolean isEnding() {
    return closed || ending;
  }

  /** On its loop. */
  boolean isOpen() {
    return !closed;
  }

  /** On its loop: whether what is sent now leaves now. */
  boolean isClear() {
    return waiting == null && session.isWritable();
  }

  /** Any thread: hands an event to a socket, in the order of the calls. */
  void post(ClientSocket socket, Delivery delivery) {
    Lane mine = lane;
    if (mine.isFree()) {
      socket.deliverNow(delivery);
    } else if (mine.loop.inEventLoop()) {
      // On this loop also when it is on its way to another by then: before what is posted there.
      mine.post(() -> socket.deliverNow(delivery));
    } else {
      session.execute(() -> socket.deliverNow(delivery));
    }
  }

  /** Any thread: sends in the order of the calls. */
  void post(Delivery delivery) {
    Lane mine = lane;
    if (mine.isFree()) {
      send(delivery);
    } else if (mine.loop.inEventLoop()) {
      mine.post(() -> send(delivery)); // as above
    } else {
      session.execute(() -> send(delivery));
    }
  }

  void send(Delivery delivery) {
    if (session.isArriving()) {
      session.whenHere(() -> send(delivery));
    } else if (isClear()) {
      write(Outgoing.of(delivery.encoded(), delivery.compress()));
    } else {
      hold(delivery);
    }
  }

  /** As {@link #send(Delivery)}, with the bytes made for many. */
  void send(Delivery delivery, Outgoing outgoing) {
    if (isClear()) {
      write(outgoing);
    } else {
      hold(delivery);
    }
  }

  private void write(Outgoing outgoing) {
    lane.traffic.sent(outgoing.bytes());
    session.send(outgoing);
  }

  private void hold(Delivery delivery) {
    if (delivery.mayDrop() || closed) {
      return;
    }
    if (delivery.treatment() != null && delivery.treatment().disconnects()) {
      tooSlow();
      return;
    }
    WaitingLine queue = waiting;
    if (queue == null) {
      server.backPressure().waited();
      queue = new WaitingLine(server.values(), server.backPressure());
      waiting = queue;
    }
    queue.add(numbered++, delivery);
    limitWaiting();
  }

  /** On its loop: it is to be closed rather than have anything wait. */
  void tooSlow() {
    if (!closed) {
      server.backPressure().disconnected();
      session.close(CloseReason.QUEUE_OVERFLOW);
    }
  }

  /** On its loop: closes it when more waits than may. */
  void limitWaiting() {
    long bytes = waiting == null ? 0 : waiting.bytes();
    for (ClientSocket socket : sockets) {
      bytes += socket.outbox().bytes();
    }
    for (int i = 0; i < leaving.size(); i++) {
      bytes += leaving.get(i).outbox().bytes();
    }
    if (bytes > server.config().maxWaitingBytes()) {
      overflow();
    }
  }

  /** On its loop: more waits for it than is kept. */
  void overflow() {
    if (!closed) {
      server.backPressure().overflowed();
      session.close(CloseReason.QUEUE_OVERFLOW);
    }
  }

  @Override
  public void onWritable() {
    for (WaitingLine queue = waiting;
        queue != null && session.isWritable();
        queue = waiting) { // which sending may have changed
      Delivery next = queue.poll();
      if (next == null) {
        waiting = null;
        break;
      }
      write(Outgoing.of(next.encoded(), next.compress()));
    }
    for (ClientSocket socket : sockets) {
      socket.outbox().catchUp();
    }
    sendLast();
    while (!clearing.isEmpty() && isClear()) {
      clearing.removeFirst().run();
    }
    endWhenSent();
  }

  /** On its loop: a socket was disconnected before all that it was sent has left. */
  void linger(ClientSocket socket) {
    leaving.add(socket);
  }

  private void sendLast() {
    while (!leaving.isEmpty()) {
      ClientSocket first = leaving.getFirst();
      first.outbox().catchUp();
      if (first.outbox().isWaiting()) {
        return;
      }
      leaving.remove(first); // which sending may have done
    }
  }

  /** On its loop: runs as soon as what is sent now leaves now. */
  void whenClear(Runnable action) {
    if (isClear()) {
      action.run();
    } else {
      clearing.add(action);
    }
  }

  /** Any thread: a socket has more events waiting than its handlers keep up with. */
  void onInbox(boolean full) {
    session.execute(() -> {
      fullInboxes += full ? 1 : -1;
      if (full && fullInboxes == 1) {
        session.pauseReading();
      } else if (!full && fullInboxes == 0) {
        session.resumeReading();
      }
    });
  }

  /**
   * Under the locks of all its namespaces at once, by name: whoever holds one of them and posts to
   * the session has either loop for both its rooms and itself.
   */
  @Override
  public void onMove(EventLoop to, Runnable move) {
    ClientSocket[] moving = sockets.clone();
    Arrays.sort(moving, Comparator.comparing(socket -> socket.namespace().name()));
    Lane next = server.lane(to);
    move(
        moving,
        0,
        next,
        () -> {
          lane = next;
          move.run();
        });
  }

  private static void move(ClientSocket[] sockets, int first, Lane to, Runnable last) {
    if (first == sockets.length) {
      last.run();
    } else {
      LocalNamespace namespace = sockets[first].namespace();
      namespace.move(sockets[first], to, () -> move(sockets, first + 1, to, last));
    }
  }

  /**
   * Any thread, without a lock: disconnects every socket, then ends when all that was sent before
   * has left. A client that does not take it is ended by its heartbeat.
   */
  void disconnect() {
    ending = true;
    for (ClientSocket socket : sockets) {
      socket.disconnect(false); // told so, a stock client does not come back by itself
    }
    session.execute(this::endWhenSent);
  }

  private void endWhenSent() {
    if (ending && !closed && sockets.length == 0 && leaving.isEmpty() && waiting == null) {
      session.close(CloseReason.FORCED_SERVER_CLOSE);
    }
  }

  @Override
  public void onClose(CloseReason reason) {
    closed = true;
    waiting = null;
    leaving.clear();
    for (ClientSocket socket : sockets) {
      socket.end(reason.label());
    }
    if (inbound != null) {
      inbound.close(System.nanoTime());
    }
  }
}
