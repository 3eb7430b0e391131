package dev.parley.wire.socketio.engine;

import dev.parley.transport.SharedMessage;
import dev.parley.transport.WebSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket that is to take a session over from polling (Engine.IO 4, "Upgrade"). Confined to the
 * socket's loop, which need not be the session's.
 */
final class Probe implements Runnable {
  private static final int LONGEST = 6; // "2probe"
  private static final SharedMessage PONG =
      SharedMessage.text(
          Unpooled.wrappedBuffer("3probe".getBytes(StandardCharsets.US_ASCII)), false);
  private static final int NOT_WELCOME = 1008;

  private final Session session;
  private final EventLoop loop;
  final SessionSocket carrier;
  private @Nullable WebSocket socket;
  private @Nullable ScheduledFuture<?> timeout;
  private boolean asked; // the client has sent its upgrade
  private boolean over;

  Probe(Session session, EventLoop loop) {
    this.session = session;
    this.loop = loop;
    this.carrier = new SessionSocket(session, this);
  }

  void start(WebSocket socket, long timeoutNanos) {
    this.socket = socket;
    timeout = loop.schedule(this, timeoutNanos, TimeUnit.NANOSECONDS);
  }

  /** The session is not to be upgraded: it has gone, or another socket has or is about to. */
  void refuse(WebSocket socket) {
    this.socket = socket;
    over = true;
    socket.close(NOT_WELCOME, "the session is not to be upgraded");
  }

  WebSocket socket() {
    WebSocket accepted = socket;
    if (accepted == null) {
      throw new IllegalStateException("probe: not started");
    }
    return accepted;
  }

  void onText(ByteBuf utf8) {
    String packet =
        utf8.readableBytes() > LONGEST ? "" : utf8.toString(StandardCharsets.ISO_8859_1);
    switch (packet) {
      case "2probe" -> {
        socket().send(PONG);
        session.execute(() -> session.onProbe(this, true));
      }
      case "5" -> {
        if (!over && !asked) {
          asked = true;
          stopClock();
          socket().pauseReading(); // until the session has arrived here
          session.execute(() -> session.upgrade(this));
        }
      }
      default -> fail();
    }
  }

  /** The client has had its time. */
  @Override
  public void run() {
    fail();
  }

  /** The socket goes; the session goes on by polling. */
  void fail() {
    if (over || asked) { // else the session finds it closed when it arrives
      return;
    }
    close();
    session.execute(() -> session.onProbe(this, false));
  }

  /** Any thread: the session has ended. */
  void cancel() {
    execute(this::close);
  }

  /**
   * Any thread: the session has ended, but its client has come over and gets what is left.
   *
   * @param rest not used by the caller any more
   */
  void close(@Nullable Backlog rest, CloseReason reason) {
    execute(() -> {
      over = true;
      if (rest != null) {
        rest.moveTo(socket(), session.revision());
      }
      socket().close(reason.webSocketCode(), reason.label());
    });
  }

  private void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException closed) {
      // so has been the socket
    }
  }

  private void close() {
    if (!over) {
      over = true;
      stopClock();
      if (socket != null) { // else it was never opened
        socket.close(NOT_WELCOME, "no upgrade");
      }
    }
  }

  private void stopClock() {
    ScheduledFuture<?> clock = timeout;
    if (clock != null) {
      timeout = null;
      clock.cancel(false);
    }
  }
}
