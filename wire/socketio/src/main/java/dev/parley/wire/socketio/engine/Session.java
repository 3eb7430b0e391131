package dev.parley.wire.socketio.engine;

import dev.parley.transport.WebSocket;
import dev.parley.wire.socketio.codec.EnginePacket;
import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's Engine.IO session over whatever transport it has. Owned by one event loop, that of
 * its handshake; an upgrade may move it to another.
 */
public final class Session extends Resident {
  private static final long FAREWELL_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long GREETING_MILLIS = 10;
  private static final int MAX_PING_BYTES = 125; // as a WebSocket's own

  private final EngineServer server;
  private final String id;
  private final Revision revision;
  private final Handshaken handshake;
  private @Nullable Probe probe; // guarded by the monitor
  private boolean claimed; // guarded by the monitor; stays when the upgrade is done
  private SessionListener listener = Unheard.INSTANCE;
  private @Nullable WebSocket socket;
  private @Nullable Polling polling;
  private @Nullable Backlog backlog;
  private @Nullable CloseReason closed; // changed under the monitor
  private long deadlineNanos; // 0 when there is none
  private boolean watched; // is in its loop's list of deadlines
  private boolean paused;
  private boolean overflown;
  private final boolean beganOverWebSocket;

  Session(
      EngineServer server,
      String id,
      Revision revision,
      Handshaken handshake,
      SessionLoop home,
      boolean overWebSocket) {
    super(home);
    this.server = server;
    this.id = id;
    this.revision = revision;
    this.handshake = handshake;
    this.beganOverWebSocket = overWebSocket;
  }

  // For any thread.

  /** 20 characters, 120 random bits. */
  public String id() {
    return id;
  }

  public Revision revision() {
    return revision;
  }

  public Handshaken handshake() {
    return handshake;
  }

  /**
   * Ends the session. Of an orderly close the client hears after it got what was sent before. On
   * the session's loop {@link SessionListener#onClose} is called before this returns.
   */
  public void close(CloseReason reason) {
    if (listener != Unheard.INSTANCE && home().isHere() && !isMoving()) {
      shut(reason);
    } else {
      execute(() -> shut(reason));
    }
  }

  // For the session's loop.

  public boolean isOpen() {
    return closed == null;
  }

  /** {@code polling} or {@code websocket}. */
  public String transport() {
    return socket != null || beganOverWebSocket ? "websocket" : "polling";
  }

  /**
   * Sends, or queues while there is no transport to take it. Whoever gives a shared message keeps
   * its reference. Dropped when the session has ended; one that has too much waiting is closed.
   */
  public void send(Outgoing message) {
    assert home().isHere() || isMoving();
    WebSocket to = socket;
    if (to == null || isMoving()) {
      queue(message);
    } else if (to.isWritable() || to.pendingBytes() < server.config().maxQueuedBytes()) {
      message.writeTo(to, revision);
    } else {
      overflow();
    }
  }

  private void queue(Outgoing message) {
    Move arriving = arriving();
    if (arriving != null) {
      if (arriving.heldBytes() < server.config().maxQueuedBytes()) {
        arriving.hold(() -> sendAgain(message), Backlog.cost(message));
      } else {
        overflow();
      }
      return;
    }
    if (closed != null) {
      return;
    }
    Backlog waiting = backlog;
    if (waiting == null) {
      waiting = new Backlog();
      backlog = waiting;
    }
    if (waiting.bytes() >= server.config().maxQueuedBytes()) {
      overflow();
      return;
    }
    waiting.add(message);
    if (polling != null) {
      polling.answerSoon();
    }
  }

  private void sendAgain(Outgoing message) {
    if (socket != null) {
      message.copyTo(socket, revision);
    }
  }

  private void overflow() {
    if (closed == null && !overflown) {
      overflown = true;
      execute(() -> shut(CloseReason.QUEUE_OVERFLOW)); // not in the middle of a send
    }
  }

  /** False above the high-water mark. */
  public boolean isWritable() {
    WebSocket to = socket;
    return isMoving() || (to == null ? hasRoom() : to.isWritable());
  }

  boolean hasRoom() {
    return backlog == null || backlog.bytes() < server.config().writeBufferBytes();
  }

  /** What waits here for a transport to take it. */
  public int queuedBytes() {
    return backlog == null ? 0 : backlog.bytes();
  }

  /** Takes no more messages from the client, as soon as possible. */
  public void pauseReading() {
    paused = true;
    if (socket != null) {
      socket.pauseReading();
    }
  }

  public void resumeReading() {
    paused = false;
    if (socket != null) {
      socket.resumeReading();
    } else if (polling != null) {
      polling.resume();
    }
  }

  boolean isPaused() {
    return paused;
  }

  /**
   * Asks for {@link SessionListener#onDeadline} once {@code System.nanoTime()} has passed this,
   * within a tick of 250 ms at most; 0 for none.
   */
  public void deadline(long nanoTime) {
    if (closed == null) {
      deadlineNanos = nanoTime;
      watch();
    }
  }

  private void watch() {
    if (deadlineNanos != 0 && !watched && !isMoving()) {
      watched = true;
      home().watch(this);
    }
  }

  /** Its loop looks whether the deadline has passed; false when it need not look again. */
  boolean onTick(long nowNanos) {
    if (deadlineNanos != 0 && deadlineNanos - nowNanos > 0) {
      return true;
    }
    boolean passed = deadlineNanos != 0;
    deadlineNanos = 0;
    watched = false;
    if (passed && closed != null) {
      finish();
    } else if (passed) {
      guarded(() -> listener.onDeadline(nowNanos));
    }
    return false;
  }

  // Its beginning and its end.

  /** The client is answered over polling. */
  void open(SessionListener listener, Answer answer, boolean base64) {
    this.listener = listener;
    Backlog waiting = backlog == null ? new Backlog() : backlog;
    backlog = waiting;
    Polling transport = new Polling(this, server, base64, waiting);
    polling = transport;
    home().open(this, System.nanoTime());
    transport.write(answer, List.of(server.handshakeOf(this, true)), false);
  }

  /** The client has a WebSocket from the start. */
  void open(SessionListener listener, WebSocket accepted, SessionSocket carrier) {
    this.listener = listener;
    home().open(this, System.nanoTime());
    switch (revision) {
      case EIO4 -> greet(accepted, carrier);
      case EIO3 -> { // old clients begin to listen once they hear that the socket is open
        accepted.flush();
        var _ =
            loop().schedule(() -> greet(accepted, carrier), GREETING_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private void greet(WebSocket accepted, SessionSocket carrier) {
    if (closed != null) {
      accepted.close(closed.webSocketCode(), closed.label());
      return;
    }
    Outgoing.of(server.handshakeOf(this, false)).copyTo(accepted, revision);
    carriedBy(accepted, carrier);
    if (paused) {
      accepted.pauseReading();
    }
  }

  private void carriedBy(WebSocket carrying, SessionSocket carrier) {
    socket = carrying;
    Backlog waiting = backlog;
    backlog = null;
    if (waiting != null) {
      waiting.moveTo(carrying, revision);
    }
    carrying.onWritable(carrier);
  }

  /** It was not let in, or its WebSocket was not: nobody hears of its end. */
  void refuse() {
    synchronized (this) {
      closed = CloseReason.FORCED_CLOSE;
    }
    deadlineNanos = 0;
  }

  void shut(CloseReason reason) {
    if (isMoving()) {
      execute(() -> shut(reason)); // after what waits for its WebSocket
    } else {
      shut(reason, false);
    }
  }

  private void shut(CloseReason reason, boolean byClient) {
    if (closed != null) {
      return;
    }
    synchronized (this) {
      closed = reason;
    }
    deadlineNanos = 0;
    home().close(this);
    boolean lingers = polling != null && polling.close(reason, byClient);
    if (socket != null) {
      socket.close(reason.webSocketCode(), reason.label());
    }
    server.onClose(this, reason);
    if (lingers) {
      deadlineNanos = System.nanoTime() + FAREWELL_NANOS;
      watch();
    } else {
      finish();
    }
    if (byClient) {
      cancelProbe();
    }
    try {
      listener.onClose(reason);
    } catch (RuntimeException | AssertionError failure) {
      LOG.log(System.Logger.Level.ERROR, this + ": its listener failed", failure);
    }
  }

  /** It has ended, and the client has heard all it will. */
  void finish() {
    deadlineNanos = 0;
    backlog = null;
    cancelProbe();
    server.forget(this);
  }

  private void cancelProbe() {
    Probe probing;
    synchronized (this) {
      probing = probe;
      probe = null;
    }
    if (probing != null) {
      probing.cancel();
    }
  }

  /** What was thrown while something was received ends the session. */
  void fail(Throwable failure) {
    if (failure instanceof ProtocolException) {
      LOG.log(System.Logger.Level.DEBUG, () -> this + ": " + failure.getMessage());
      shut(CloseReason.PARSE_ERROR);
    } else {
      LOG.log(System.Logger.Level.ERROR, this + ": its listener failed", failure);
      shut(CloseReason.INTERNAL_ERROR);
    }
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | AssertionError failure) {
      fail(failure);
    }
  }

  // What the transports bring.

  /** A text message; its bytes are not to change any more. */
  void onText(Slice utf8) {
    try {
      listener.onText(utf8);
    } catch (RuntimeException | AssertionError failure) {
      fail(failure);
    }
  }

  void onPacket(EnginePacket packet) {
    guarded(() -> receive(packet));
  }

  private void receive(EnginePacket packet) {
    switch (packet) {
      case EnginePacket.Text text -> listener.onText(text.text());
      case EnginePacket.Binary binary -> listener.onBinary(binary.bytes());
      case EnginePacket.Ping ping -> {
        switch (revision) {
          case EIO3 -> onPing(ping.data());
          case EIO4 -> shut(CloseReason.TRANSPORT_ERROR); // the wrong way round
        }
      }
      case EnginePacket.Pong _ -> {
        switch (revision) {
          case EIO3 -> shut(CloseReason.TRANSPORT_ERROR);
          case EIO4 -> home().onPong(this, System.nanoTime());
        }
      }
      case EnginePacket.Close _ -> shut(CloseReason.TRANSPORT_CLOSE, true);
      case EnginePacket.Upgrade _, EnginePacket.Noop _ -> {}
      case EnginePacket.Open _ ->
          throw new ProtocolException("packet", "open", "none from a client");
    }
  }

  private void onPing(Slice data) {
    if (data.length() > MAX_PING_BYTES) {
      throw new ProtocolException("ping", data.length() + " bytes", "at most " + MAX_PING_BYTES);
    }
    home().onPing(this, System.nanoTime());
    send(Outgoing.pong(data));
  }

  /** The heartbeat is due. */
  void ping() {
    send(Outgoing.PING);
  }

  void onWritable() {
    if (closed == null) {
      guarded(listener::onWritable);
    }
  }

  void onSocketClose(int code) {
    shut(server.isDraining() ? CloseReason.SERVER_SHUTTING_DOWN : CloseReason.ofWebSocket(code));
  }

  void onPoll(Answer answer) {
    Polling transport = reached(answer);
    if (transport != null) {
      transport.onPoll(answer);
    }
  }

  void onPost(Answer answer, Slice body, boolean binary) {
    Polling transport = reached(answer);
    if (transport != null) {
      transport.onPost(answer, body, binary);
    }
  }

  void onCancel(Answer answer) {
    if (polling != null) {
      polling.onCancel(answer);
    }
  }

  private @Nullable Polling reached(Answer answer) {
    if (closed == null && !paused && home().isOverdue(this, System.nanoTime())) {
      shut(CloseReason.PING_TIMEOUT);
    }
    Polling transport = polling;
    if (closed != null && (transport == null || !transport.isClosing())) {
      server.refuse(answer, RequestError.SESSION_UNKNOWN);
      return null;
    }
    if (transport == null) {
      server.refuse(answer, RequestError.BAD_REQUEST); // it goes over WebSocket now
    }
    return transport;
  }

  /** Whether what it received was wrong. */
  boolean failed() {
    return closed == CloseReason.PARSE_ERROR
        || closed == CloseReason.TRANSPORT_ERROR
        || closed == CloseReason.INTERNAL_ERROR;
  }

  // The upgrade.

  /** Any thread: whether that WebSocket may try to take the session over. */
  synchronized boolean claim(Probe by) {
    if (beganOverWebSocket || claimed || closed != null) {
      return false;
    }
    claimed = true;
    probe = by;
    return true;
  }

  /** Any thread: its handshake was wrong. */
  synchronized void unclaim(Probe by) {
    if (probe == by) {
      probe = null;
      claimed = false;
    }
  }

  /** A probe has begun, or come to nothing. */
  void onProbe(Probe by, boolean begins) {
    synchronized (this) {
      if (probe != by) {
        return;
      }
      if (!begins) {
        probe = null;
        claimed = false;
      }
    }
    if (polling != null) {
      polling.onProbe(begins);
    }
  }

  /**
   * The client goes over to the WebSocket; it polls no more. If the session has ended since the
   * probe began, that is how the client gets what it has not fetched.
   */
  void upgrade(Probe by) {
    synchronized (this) {
      if (probe != by) {
        by.cancel();
        return;
      }
      probe = null;
    }
    Polling left = polling;
    polling = null;
    if (left != null) {
      left.end();
    }
    if (closed != null) {
      by.close(backlog, closed);
      finish();
      return;
    }
    SessionLoop to = server.loopOf(by.socket().loop());
    if (to == home()) {
      carriedBy(by);
    } else {
      boolean awaitsPong = home().depart(this);
      moveTo(
          to,
          move -> guarded(() -> listener.onMove(to.executor, move)),
          () -> {
            if (closed == null) {
              to.arrive(this, awaitsPong, System.nanoTime());
              watched = false;
              watch();
            }
            carriedBy(by);
          });
    }
  }

  private void carriedBy(Probe by) {
    if (closed != null) { // its listener would not have it moved
      by.cancel();
      return;
    }
    WebSocket carrying = by.socket();
    by.carrier.carry();
    carriedBy(carrying, by.carrier);
    server.onUpgrade();
    execute(() -> { // after what waited for it here
      if (!carrying.isOpen()) {
        shut(CloseReason.TRANSPORT_CLOSE);
      } else if (closed == null) {
        onWritable();
        if (!paused) {
          carrying.resumeReading();
        }
      }
    });
  }

  @Override
  public String toString() {
    return "session " + id;
  }
}
