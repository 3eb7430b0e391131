package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection: the handler next to the socket, which counts bytes and keeps the
 * deadlines of all phases. Confined to its event loop.
 */
final class Connection extends ChannelDuplexHandler {
  private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
  static final long NEVER = Long.MAX_VALUE;

  /** What the connection waits for. */
  enum Phase {
    /** The TLS handshake. */
    HANDSHAKE,
    /** The first byte of a request. */
    IDLE,
    /** The rest of a request's headers. */
    HEADERS,
    /** More of a request's body. */
    BODY,
    /** The handler's answer. */
    SERVING,
    /** HTTP/2 streams, which have deadlines of their own. */
    STREAMS,
    /** The first of the next HTTP/2 streams, whatever frames the connection itself exchanges. */
    NO_STREAMS,
    /** The client's answer to a WebSocket's close. */
    CLOSING,
    /** The client to close after the last answer. */
    LINGER
  }

  final Channel channel;
  final Scope scope;
  final Loop loop;
  final InetSocketAddress remote;
  final boolean secure;
  private final long id;

  @Nullable Connection previous; // both are the loop's
  @Nullable Connection next;
  int countedFlush; // by its pacing

  private @Nullable Protocol protocol;
  private Phase phase = Phase.IDLE;
  private long deadlineNanos;
  private long readNanos;
  private boolean awaitsFlush;
  private boolean left;

  private @Nullable Object stalledMessage; // compared by identity only
  private long stalledProgress;
  private long stalledSinceNanos;

  Connection(Channel channel, Scope scope, Loop loop, InetSocketAddress remote, boolean secure) {
    this.channel = channel;
    this.scope = scope;
    this.loop = loop;
    this.remote = remote;
    this.secure = secure;
    this.id = scope.nextConnectionId();
    enter(secure ? Phase.HANDSHAKE : Phase.IDLE);
  }

  void speak(Protocol protocol) {
    this.protocol = protocol;
    if (scope.draining()) {
      protocol.drain();
    }
  }

  Phase phase() {
    return phase;
  }

  /** Moves on to a phase and starts its clock; also restarts the clock of the same phase. */
  void enter(Phase phase) {
    long patience =
        switch (phase) {
          case HANDSHAKE, HEADERS -> scope.config.headerTimeout().toNanos();
          case IDLE, NO_STREAMS -> scope.config.idleTimeout().toNanos();
          case BODY -> scope.config.bodyTimeout().toNanos();
          case SERVING, STREAMS, CLOSING -> NEVER;
          case LINGER -> LINGER_NANOS;
        };
    enter(phase, patience);
  }

  /** Moves on to a phase that has so much time. */
  void enter(Phase phase, long patience) {
    if (this.phase == Phase.LINGER) {
      return;
    }
    this.phase = phase;
    deadlineNanos = patience == NEVER ? NEVER : System.nanoTime() + patience;
  }

  /** When the last bytes were read. */
  long readNanos() {
    return readNanos;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    loop.add(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    leave();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    leave();
    ctx.fireChannelInactive();
  }

  private void leave() {
    if (!left) {
      left = true;
      loop.remove(this);
      scope.admission.leave(remote.getAddress());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf bytes = (ByteBuf) msg;
    if (phase == Phase.LINGER) {
      bytes.release();
      return;
    }
    scope.bytesIn.add(bytes.readableBytes());
    readNanos = System.nanoTime();
    if (phase == Phase.IDLE) {
      enter(Phase.HEADERS);
    }
    ctx.fireChannelRead(bytes);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    if (msg instanceof ByteBuf bytes) {
      scope.bytesOut.add(bytes.readableBytes());
    }
    Unawaited.started(ctx.write(msg, promise));
  }

  /** Flushes at the end of the loop's pass, once for all that is written until then. */
  void flushLater() {
    if (!awaitsFlush) {
      awaitsFlush = true;
      loop.flushLater(this);
    }
  }

  void flushNow() {
    awaitsFlush = false;
    channel.flush();
  }

  /**
   * Sends what is written, then closes in a way that lets the client read it: closing at once with
   * bytes of the client unread would reset the connection and may discard the answer (RFC 9112
   * §9.6).
   */
  void closeAfterWrites() {
    if (phase == Phase.LINGER) {
      return;
    }
    enter(Phase.LINGER);
    channel.config().setAutoRead(true);
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> shutdownOutput());
  }

  private void shutdownOutput() {
    if (phase == Phase.LINGER) {
      deadlineNanos = System.nanoTime() + LINGER_NANOS;
    }
    if (!channel.isActive()) {
      return;
    }
    SslHandler ssl = channel.pipeline().get(SslHandler.class);
    if (ssl != null) {
      Unawaited.started(ssl.closeOutbound());
    } else if (channel instanceof DuplexChannel duplex) {
      Unawaited.started(duplex.shutdownOutput());
    }
  }

  void close() {
    Unawaited.started(channel.close());
  }

  void drain() {
    if (protocol != null) {
      protocol.drain();
    } else {
      close(); // no request yet
    }
  }

  void sweep(long nowNanos) {
    if (isStalled(nowNanos)) {
      log("closed: took no byte for " + scope.config.stalledWriteTimeout());
      closeAbruptly();
      return;
    }
    if (deadlineNanos != NEVER && nowNanos - deadlineNanos >= 0) {
      if (phase == Phase.LINGER || protocol == null) {
        close();
      } else {
        protocol.onDeadline(phase);
      }
    } else if (protocol != null) {
      protocol.sweep(nowNanos);
    }
  }

  /**
   * Whether the socket has taken nothing of what waits since the timeout. New writes behind it are
   * no progress.
   */
  private boolean isStalled(long nowNanos) {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    Object message = waiting == null ? null : waiting.current();
    if (waiting == null || message == null) {
      stalledMessage = null;
      return false;
    }
    long progress = waiting.currentProgress();
    if (message != stalledMessage || progress != stalledProgress) {
      stalledMessage = message;
      stalledProgress = progress;
      stalledSinceNanos = nowNanos;
      return false;
    }
    return nowNanos - stalledSinceNanos >= scope.config.stalledWriteTimeout().toNanos();
  }

  /** Closes without TLS's farewell, which a stalled socket would never take. */
  private void closeAbruptly() {
    channel.unsafe().close(channel.newPromise());
  }

  /** Logs an event of this connection. */
  void log(String event) {
    Scope.LOG.log(System.Logger.Level.DEBUG, () -> this + " " + event);
  }

  void logFailure(String event, Throwable cause) {
    Scope.LOG.log(System.Logger.Level.ERROR, this + " " + event, cause);
  }

  @Override
  public String toString() {
    return "connection "
        + id
        + " from "
        + remote.getAddress().getHostAddress()
        + ":"
        + remote.getPort();
  }
}
