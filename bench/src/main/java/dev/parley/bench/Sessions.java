package dev.parley.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Many Socket.IO sessions on one event loop, which owns them; the scenario's thread asks for
 * something to be done to them there, and waits.
 */
final class Sessions implements AutoCloseable {
  private static final long QUIET_NANOS = 5_000_000_000L;

  private static final long JOIN_NANOS = 60_000_000_000L;
  private static final long PROBE_NANOS = 200_000_000L;

  private final ClientLoop clients = new ClientLoop();
  private final InetSocketAddress server;
  private final byte[] request;
  private final Tally tally = new Tally();
  private final List<Session> sessions = new ArrayList<>(); // confined to the loop

  Sessions(int port) {
    server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    request = ClientSocket.request(port);
  }

  Tally tally() {
    return tally;
  }

  /** Connects {@code count} more, evenly paced, and waits until each has its CONNECT reply. */
  void connect(int count, double perSecond) throws Exception {
    long before = tally.connected.sum();
    storm(count, perSecond, true);
    long connected = tally.connected.sum() - before;
    if (connected < count) {
      Throwable last = tally.complaint();
      throw new IOException(
          "connected: "
              + connected
              + " (expected: "
              + count
              + ")"
              + (last == null ? "" : "; " + last.getMessage()),
          last);
    }
  }

  /**
   * Connects {@code count} more, kept or dropped at once, and waits until each is or has failed.
   */
  void storm(int count, double perSecond, boolean keep) throws Exception {
    long before = tally.connected.sum() + tally.failed.sum();
    pace(
            System.nanoTime(),
            perSecond,
            count,
            (i, due) -> {
              Session session = new Session(this);
              if (keep) {
                sessions.add(session);
              }
              session.connect(due, keep);
            })
        .get();
    await(() -> tally.connected.sum() + tally.failed.sum() - before >= count);
  }

  /** Joins all of them, and returns when each has heard a probe from the publisher. */
  void joinAll(Sessions publisher) throws Exception {
    each(Session::join);
    long deadline = System.nanoTime() + JOIN_NANOS;
    for (long heard = 0; heard < size(); heard = tally.heard.sum()) {
      if (System.nanoTime() > deadline) {
        throw new IOException("joined: " + heard + " (expected: " + size() + ")");
      }
      publisher.each(session -> session.publish(0, System.nanoTime()));
      LockSupport.parkNanos(PROBE_NANOS);
    }
  }

  /** Connects all of them again. */
  CompletableFuture<Void> reconnect(double perSecond) {
    return pace(
        System.nanoTime(), perSecond, size(), (i, due) -> sessions.get(i).connect(due, true));
  }

  /** Acts on this pool's loop; see {@link Pace}. */
  CompletableFuture<Void> pace(long begin, double perSecond, int count, Pace.Act act) {
    return clients.pace(begin, perSecond, count, act);
  }

  void each(Consumer<Session> act) {
    clients.loop().submit(() -> sessions.forEach(act)).syncUninterruptibly();
  }

  /** The session of this index; on the loop. */
  Session get(int index) {
    assert clients.loop().inEventLoop();
    return sessions.get(index);
  }

  /** Opens a connection for a session of this pool; on the loop. */
  void open(Session session) {
    ClientSocket.connect(clients.source(), server, request, session);
  }

  /** Waits until {@code done}, or until nothing has come for five seconds. */
  void await(BooleanSupplier done) {
    long begun = System.nanoTime();
    while (!done.getAsBoolean()
        && System.nanoTime() - Math.max(begun, tally.lastNanos()) < QUIET_NANOS) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private int size() {
    return clients.loop().submit(sessions::size).syncUninterruptibly().getNow();
  }

  @Override
  public void close() {
    each(Session::drop);
    clients.close();
  }
}
