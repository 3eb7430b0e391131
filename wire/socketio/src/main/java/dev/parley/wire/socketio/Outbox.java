package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.SocketPacket;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one socket has been sent, and what it is still to get in the order in which it was sent.
 * Confined to the loop of its connection, unless said otherwise.
 *
 * <p>An event that is kept leaves at once while the connection takes it. From the first that it
 * does not take, the socket is behind: it reads the backlog up to the newest event it was told of.
 * What is not kept, as an answer, waits for its turn between them.
 */
final class Outbox {
  private static final int CHUNK = 64;

  /**
   * What is not kept.
   *
   * @param after position of what was sent before it
   */
  private record Aside(long after, Delivery delivery) {}

  private final ClientSocket socket;
  private long last; // position of the last kept event it was sent, or that was not for it
  private long told; // position of the newest that came for it
  private boolean behind = true; // it catches up from the backlog
  private boolean begun; // its client knows that it is in
  private @Nullable Map<String, Long> heldBack; // by room: offsets its client has, or will have
  private @Nullable WaitingLine line; // what waits by a policy of what is kept; null while none
  private @Nullable ArrayDeque<Aside> asides; // null while none
  private long asideBytes;

  Outbox(ClientSocket socket, long last) {
    this.socket = socket;
    this.last = last;
  }

  /** Before it begins, under the lock of the namespace: nothing up to here is its own. */
  void startAt(long position) {
    last = position;
  }

  /**
   * Its client has heard that it is in.
   *
   * @param missedUpTo of one that comes back: all up to here came while it was away; else 0
   */
  void begin(long missedUpTo) {
    begun = true;
    told = Math.max(told, missedUpTo);
    behind = socket.pid() != null && told > last;
    catchUp();
  }

  boolean hasBegun() {
    return begun;
  }

  /** Whether it is to be sent now. Else it waits for its turn, or its client is not to get it. */
  boolean isDue(Delivery delivery) {
    long position = delivery.position();
    Delivery.Origin origin = delivery.origin();
    if (origin != null
        && heldBack != null
        && heldBack.getOrDefault(origin.room(), 0L) >= origin.offset()) {
      last = behind ? last : Math.max(last, position);
      return false;
    }
    if (position == Delivery.NOT_KEPT || socket.pid() == null) {
      if (!isWaiting() && begun) {
        return true;
      }
      if (!delivery.mayDrop()) {
        setAside(delivery);
      }
      return false;
    }
    if (position <= last) {
      return false;
    }
    told = position;
    if (!isWaiting() && socket.connection().isClear()) {
      last = position;
      return true;
    }
    Treatment treatment = delivery.treatment();
    if (treatment != null) {
      hold(delivery, treatment);
    } else if (!behind) {
      socket.namespace().backPressure().waited();
      behind = true;
      last = position - 1;
    }
    return false;
  }

  /** Whether something is to be sent before what comes now. */
  boolean isWaiting() {
    return behind || line != null || asides != null;
  }

  private void setAside(Delivery delivery) {
    if (!socket.connection().isOpen()) {
      return;
    }
    ArrayDeque<Aside> queue = asides;
    if (queue == null) {
      queue = new ArrayDeque<>(4);
      asides = queue;
    }
    queue.add(new Aside(told, delivery));
    asideBytes += delivery.bytes();
    if (delivery.packet() instanceof SocketPacket.Disconnect) {
      socket.connection().linger(socket);
    }
    socket.connection().limitWaiting();
  }

  /**
   * Its policy says what becomes of it. To the backlog it counts as sent, unless there is something
   * before it that comes from there: then {@link #catchUp} finds it in the line, or knows by the
   * line that it has gone.
   */
  private void hold(Delivery delivery, Treatment treatment) {
    if (treatment.disconnects()) {
      if (!behind) { // one that has just come back is not sent away for what it missed
        socket.connection().tooSlow();
      }
      return;
    }
    if (line == null) {
      BackPressure counters = socket.namespace().backPressure();
      counters.waited();
      line = new WaitingLine(socket.namespace().values(), counters);
    }
    line.add(delivery.position(), delivery);
    if (!behind) {
      last = delivery.position();
    }
    socket.connection().limitWaiting();
  }

  /** What waits here rather than in the backlog. */
  long bytes() {
    return asideBytes + (line == null ? 0 : line.bytes());
  }

  /** Messages of a stream up to {@code offset} come another way; 0 for none. */
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

  /** Unless all of a stream still comes another way. */
  void forgetHeldBack(String room) {
    if (heldBack != null && heldBack.getOrDefault(room, 0L) != Long.MAX_VALUE) {
      heldBack.remove(room);
    }
  }

  /** Sends what it is to get for as long as the connection takes it. */
  void catchUp() {
    Connection connection = socket.connection();
    while (begun && connection.isClear() && isWaiting()) {
      if (!behind) {
        sendWaiting(Long.MAX_VALUE);
        return;
      }
      List<Backlog.Entry> missed = socket.namespace().dispatch().missed(socket, last, CHUNK);
      if (missed == null) {
        connection.overflow();
        return;
      }
      if (missed.isEmpty() || missed.getFirst().position() > told) {
        behind = false; // what is newer comes by itself
        continue;
      }
      for (Backlog.Entry entry : missed) {
        if (entry.position() > told) {
          break;
        }
        sendWaiting(entry.position());
        if (!connection.isClear()) {
          return; // it goes on when the connection is writable again
        }
        if (entry.position() > last) { // sending may have made it writable, and got here before
          last = entry.position();
          if (!isGone(entry)) {
            send(entry.delivery());
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

  /** Sends what waits here and comes before a position, or is at it. */
  private void sendWaiting(long upTo) {
    // Sending may make the connection writable, and get here before.
    while (socket.connection().isClear()) {
      WaitingLine waiting = line;
      long next = waiting == null ? Long.MAX_VALUE : waiting.next();
      Aside aside = asides == null ? null : asides.peek();
      if (aside != null && aside.after() < Math.min(next, upTo)) {
        sendAside();
      } else if (waiting != null && next <= upTo) {
        last = Math.max(last, next);
        Delivery delivery = Objects.requireNonNull(waiting.poll());
        if (waiting.isEmpty()) {
          line = null;
        }
        send(delivery);
      } else {
        return;
      }
    }
  }

  private void sendAside() {
    ArrayDeque<Aside> queue = Objects.requireNonNull(asides);
    Delivery delivery = queue.remove().delivery();
    asideBytes -= delivery.bytes();
    if (queue.isEmpty()) {
      asides = null;
    }
    send(delivery);
  }

  private void send(Delivery delivery) {
    socket.heard(delivery);
    socket.connection().send(delivery);
  }

  /** After all up to {@code seen} came for it: whether there is news to save. */
  boolean note(long seen) {
    return socket.namespace().noted(socket, behind ? last : seen, last);
  }
}
