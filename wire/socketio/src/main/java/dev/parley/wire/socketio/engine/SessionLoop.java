package dev.parley.wire.socketio.engine;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The sessions of one event loop by when something is due for them: one timer for all of their
 * heartbeats. Confined to that loop.
 */
final class SessionLoop implements Runnable {
  private static final long COARSEST_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final int TICKS_PER_WAIT = 8;
  private static final int TICKS_LATE = 4;

  final EventLoop executor;
  private final long pingIntervalNanos;
  private final long pingTimeoutNanos;
  private final long tickNanos;

  // Engine.IO 4: the server pings, the client has to answer. Engine.IO 3: the client pings.
  private final DueList pings = new DueList();
  private final DueList pongs = new DueList();
  private final DueList clientPings = new DueList();
  private ArrayList<Session> timed = new ArrayList<>(); // those with a deadline, in no order
  private ArrayList<Session> firing = new ArrayList<>();
  private int sessions;
  private boolean ticking;
  private boolean late;
  private long tickedNanos;

  SessionLoop(EventLoop executor, EngineConfig config) {
    this.executor = executor;
    this.pingIntervalNanos = config.pingInterval().toNanos();
    this.pingTimeoutNanos = config.pingTimeout().toNanos();
    this.tickNanos =
        Math.min(
            COARSEST_TICK_NANOS, Math.min(pingIntervalNanos, pingTimeoutNanos) / TICKS_PER_WAIT);
  }

  boolean isHere() {
    return executor.inEventLoop();
  }

  /** A session has been opened here. */
  void open(Session session, long nowNanos) {
    sessions++;
    switch (session.revision()) {
      case EIO4 -> pings.add(session, nowNanos + pingIntervalNanos);
      case EIO3 -> clientPings.add(session, nowNanos + pingIntervalNanos + pingTimeoutNanos);
    }
    tickLater(nowNanos);
  }

  void close(Session session) {
    DueList list = session.list;
    if (list != null) { // else it was never open
      sessions--;
      list.remove(session);
    }
  }

  /** A session leaves for another loop, where it is due when it was due here. */
  boolean depart(Session session) {
    boolean awaitsPong = session.list == pongs;
    close(session);
    return awaitsPong;
  }

  void arrive(Session session, boolean awaitsPong, long nowNanos) {
    sessions++;
    DueList list =
        switch (session.revision()) {
          case EIO4 -> awaitsPong ? pongs : pings;
          case EIO3 -> clientPings;
        };
    list.add(session, session.dueNanos);
    tickLater(nowNanos);
  }

  /** The client of a session of revision 4 has answered. */
  void onPong(Session session, long nowNanos) {
    if (session.list == pongs) {
      pongs.remove(session);
      pings.add(session, nowNanos + pingIntervalNanos);
    }
  }

  /** The client of a session of revision 3 has pinged. */
  void onPing(Session session, long nowNanos) {
    if (session.list == clientPings) {
      clientPings.remove(session);
      clientPings.add(session, nowNanos + pingIntervalNanos + pingTimeoutNanos);
    }
  }

  /** Whether a session's client is late, even if no tick has noticed yet. */
  boolean isOverdue(Session session, long nowNanos) {
    return session.list != null && session.list != pings && session.dueNanos - nowNanos <= 0;
  }

  /** Looks at a session's deadline from now on. */
  void watch(Session session) {
    timed.add(session);
    tickLater(System.nanoTime());
  }

  private void tickLater(long nowNanos) {
    if (!ticking) {
      ticking = true;
      tickedNanos = nowNanos;
      var _ = executor.schedule(this, tickNanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    ticking = false;
    tick(now);
    if (sessions > 0 || !timed.isEmpty()) {
      tickLater(now);
    }
  }

  void tick(long nowNanos) {
    // After a pause of this thread the answers may be here, unread: they are read first.
    boolean wasLate = late;
    late = !wasLate && nowNanos - tickedNanos > TICKS_LATE * tickNanos;
    tickedNanos = nowNanos;
    if (!late) {
      expire(pongs, nowNanos);
      expire(clientPings, nowNanos);
    }
    while (pings.due(nowNanos) instanceof Session session) {
      pings.remove(session);
      // The time-out runs from when the ping was due, as long as it is sent about then.
      long sent = Math.max(session.dueNanos, nowNanos - 2 * tickNanos);
      pongs.add(session, sent + pingTimeoutNanos);
      session.ping();
    }
    fireDeadlines(nowNanos);
  }

  private void expire(DueList list, long nowNanos) {
    while (list.due(nowNanos) instanceof Session session) {
      if (session.isPaused()) { // its answer may be among what we do not read
        list.remove(session);
        list.add(session, nowNanos + pingTimeoutNanos);
      } else {
        session.shut(CloseReason.PING_TIMEOUT);
      }
    }
  }

  private void fireDeadlines(long nowNanos) {
    if (timed.isEmpty()) {
      return;
    }
    ArrayList<Session> watched = timed;
    timed = firing;
    firing = watched;
    for (int i = 0; i < watched.size(); i++) {
      Session session = watched.get(i);
      if (session.isOn(this) && session.onTick(nowNanos)) {
        timed.add(session);
      }
    }
    watched.clear();
  }
}
