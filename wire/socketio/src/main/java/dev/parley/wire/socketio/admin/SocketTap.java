package dev.parley.wire.socketio.admin;

import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.SocketObserver;
import dev.parley.wire.socketio.admin.LiveEvent.Kind;
import dev.parley.wire.socketio.codec.Slice;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest of what happens to sockets, kept only while someone looks: without a look for a while
 * it stops to listen, and the server does no work for it. Safe on any thread.
 */
public final class SocketTap implements SocketObserver {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST_KEPT = 2_000;
  private static final int MOST_MOVES = 1_000; // a second
  private static final int MOST_JSON = 2 << 10;
  private static final long SECOND = 1_000_000_000;

  private final Consumer<SocketObserver> observe;
  private final String hidden;
  private final int mostEvents;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final ArrayDeque<LiveEvent> kept = new ArrayDeque<>(); // guarded by this, as all below
  private boolean listening;
  private long lookedAt;
  private long number;
  private long second;
  private int moves;
  private int events;
  private long lostMoves;
  private long lostEvents;

  /** Listens to a server while someone looks. */
  public SocketTap(SocketIoServer io, AdminConfig config) {
    this(io::observe, config, InstantSource.system(), System::nanoTime);
  }

  /**
   * @param observe is given whoever listens, and {@link SocketObserver#NONE} when nobody does
   * @param nanos a clock that only goes forward
   */
  SocketTap(
      Consumer<SocketObserver> observe,
      AdminConfig config,
      InstantSource clock,
      LongSupplier nanos) {
    this.observe = observe;
    this.hidden = config.namespace();
    this.mostEvents = config.maxEvents();
    this.clock = clock;
    this.nanos = nanos;
  }

  /**
   * What was kept, oldest first.
   *
   * @param last the number of the newest event there was
   * @param complete whether nothing between is missing because the asker came too late
   * @param lostMoves joins, leaves and the like left out since the start
   * @param lostEvents other events left out since the start
   */
  public record Look(
      List<LiveEvent> events, long last, boolean complete, long lostMoves, long lostEvents) {}

  /**
   * What happened after an event, at most the newest {@code limit}. Starts to listen when nobody
   * did.
   */
  public synchronized Look look(long after, int limit) {
    lookedAt = nanos.getAsLong();
    if (!listening) {
      listening = true;
      observe.accept(this);
    }
    List<LiveEvent> found = new ArrayList<>();
    var newest = kept.descendingIterator();
    while (newest.hasNext() && found.size() < limit) {
      LiveEvent event = newest.next();
      if (event.number() <= after) {
        break;
      }
      found.add(event);
    }
    boolean complete = found.isEmpty() ? after >= number : found.getLast().number() == after + 1;
    return new Look(List.copyOf(found.reversed()), number, complete, lostMoves, lostEvents);
  }

  @Override
  public void onConnect(Socket socket) {
    add(Kind.CONNECTED, List.of(socket), 1, "", null, 0);
  }

  @Override
  public void onDisconnect(Socket socket, String reason) {
    add(Kind.DISCONNECTED, List.of(socket), 1, reason, null, 0);
  }

  @Override
  public void onJoin(Socket socket, String room) {
    add(Kind.JOINED, List.of(socket), 1, room, null, 0);
  }

  @Override
  public void onLeave(Socket socket, String room) {
    add(Kind.LEFT, List.of(socket), 1, room, null, 0);
  }

  @Override
  public void onReceived(Socket socket, SocketPacket.Event event) {
    add(Kind.RECEIVED, List.of(socket), 1, event);
  }

  @Override
  public void onSent(Socket socket, SocketPacket.Event event) {
    add(Kind.SENT, List.of(socket), 1, event);
  }

  @Override
  public void onBroadcast(List<? extends Socket> some, int count, SocketPacket.Event event) {
    add(Kind.SENT, some, count, event);
  }

  private void add(Kind kind, List<? extends Socket> sockets, int count, SocketPacket.Event event) {
    Slice json = event.payload().json();
    int bytes = json.length();
    for (Slice attachment : event.payload().attachments()) {
      bytes += attachment.length();
    }
    add(kind, sockets, count, event.name(), json.length() > MOST_JSON ? null : json, bytes);
  }

  private synchronized void add(
      Kind kind,
      List<? extends Socket> sockets,
      int count,
      String text,
      @Nullable Slice json,
      int bytes) {
    if (!listening
        || (!kind.isMove() && sockets.getFirst().namespace().name().equals(hidden))
        || !hasRoom(kind)) {
      return;
    }
    kept.add(new LiveEvent(++number, clock.millis(), kind, sockets, count, text, json, bytes));
    if (kept.size() > MOST_KEPT) {
      kept.remove();
    }
  }

  private boolean hasRoom(Kind kind) {
    long now = nanos.getAsLong();
    if (now - second >= SECOND) {
      second = now;
      moves = 0;
      events = 0;
      if (now - lookedAt > PATIENCE.toNanos()) {
        listening = false;
        observe.accept(SocketObserver.NONE);
        kept.clear();
        return false;
      }
    }
    if (kind.isMove()) {
      boolean fits = moves++ < MOST_MOVES;
      lostMoves += fits ? 0 : 1;
      return fits;
    }
    boolean fits = events++ < mostEvents;
    lostEvents += fits ? 0 : 1;
    return fits;
  }
}
