package dev.parley.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The listener: accepts connections and hands whole requests to its handler. Its methods are for
 * any thread.
 */
public final class HttpServer implements AutoCloseable {
  private static final Pattern NATIVE_CALL =
      Pattern.compile("^\\w+\\(..\\) failed with error\\(-\\d+\\): "); // as epoll reports it
  private static final int BACKLOG = 4096;
  private static final long FINEST_SWEEP_MILLIS = 10;
  private static final long COARSEST_SWEEP_MILLIS = 1000;

  private final Scope scope;
  private final EventLoopGroup group;
  private final IdentityHashMap<EventLoop, Loop> loops;
  private final Channel listener;
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  private HttpServer(
      Scope scope, EventLoopGroup group, IdentityHashMap<EventLoop, Loop> loops, Channel listener) {
    this.scope = scope;
    this.group = group;
    this.loops = loops;
    this.listener = listener;
  }

  /** Binds and serves. @throws IOException that says what cannot be bound or read */
  public static HttpServer start(TransportConfig config, Handler handler) throws IOException {
    return start(config, handler, TransportObserver.NONE);
  }

  /** Binds and serves, and tells {@code observer} how long it takes. */
  public static HttpServer start(
      TransportConfig config, Handler handler, TransportObserver observer) throws IOException {
    return start(config, handler, observer, Sockets.best());
  }

  static HttpServer start(
      TransportConfig config, Handler handler, TransportObserver observer, Sockets sockets)
      throws IOException {
    Path certificate = config.tlsCertificate();
    Path key = config.tlsKey();
    TlsFiles tls = certificate == null || key == null ? null : new TlsFiles(certificate, key);
    Scope scope = new Scope(config, handler, observer, tls);
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            config.eventLoops(), new DefaultThreadFactory("parley-loop"), sockets.newFactory());
    IdentityHashMap<EventLoop, Loop> loops = new IdentityHashMap<>();
    for (EventExecutor executor : group) {
      loops.put((EventLoop) executor, new Loop((EventLoop) executor, observer));
    }
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(sockets.listener())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(config))
            .childHandler(new Acceptor(scope, loops))
            .bind(config.host(), config.port())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      if (tls != null) {
        tls.close();
      }
      Unawaited.started(group.shutdownGracefully(0, 1, TimeUnit.SECONDS));
      throw new IOException(complaint(config, bound.cause()), bound.cause());
    }
    HttpServer server = new HttpServer(scope, group, loops, bound.channel());
    server.sweepRegularly();
    return server;
  }

  private static String complaint(TransportConfig config, @Nullable Throwable cause) {
    String reason = cause == null ? "" : String.valueOf(cause.getMessage());
    if (reason.endsWith("Address already in use")) {
      return "transport.port: "
          + config.port()
          + " is in use (expected: a free port; another Parley may be running)";
    }
    if (reason.endsWith("Cannot assign requested address")
        || cause instanceof UnresolvedAddressException) {
      return "transport.host: " + config.host() + " (expected: an address of this machine)";
    }
    return "cannot listen on "
        + config.host()
        + ":"
        + config.port()
        + ": "
        + NATIVE_CALL.matcher(reason).replaceFirst("");
  }

  static WriteBufferWaterMark waterMark(TransportConfig config) {
    return new WriteBufferWaterMark(config.writeLowBytes(), config.writeHighBytes());
  }

  /** One timer a loop, fine enough for the shortest timeout. */
  private void sweepRegularly() {
    TransportConfig config = scope.config;
    long shortest =
        Math.min(
            Math.min(config.headerTimeout().toMillis(), config.bodyTimeout().toMillis()),
            Math.min(config.idleTimeout().toMillis(), config.stalledWriteTimeout().toMillis()));
    long every = Math.clamp(shortest / 8, FINEST_SWEEP_MILLIS, COARSEST_SWEEP_MILLIS);
    loops.forEach((executor, loop) -> {
      var _ =
          executor.scheduleWithFixedDelay(
              () -> loop.sweep(System.nanoTime()), every, every, TimeUnit.MILLISECONDS);
    });
  }

  /** Where it listens, with the port it got. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Connections open now. */
  public int connections() {
    return scope.admission.open();
  }

  @Nullable TlsFiles tls() {
    return scope.tls;
  }

  /** What request bodies take of their budget now. */
  long bodyBytesInFlight() {
    return scope.bodies.taken();
  }

  /** What was counted since the start. */
  public TransportStats stats() {
    return new TransportStats(
        scope.admission.open(),
        scope.admission.accepted(),
        scope.admission.refused(),
        scope.requests.sum(),
        scope.rejected.sum(),
        scope.bytesIn.sum(),
        scope.bytesOut.sum());
  }

  /**
   * Stops accepting, answers what is under way ({@code connection: close}, GOAWAY), then closes;
   * done within {@code patience}. Streaming bodies are the handler's to end.
   */
  public CompletableFuture<Void> drain(Duration patience) {
    scope.startDraining();
    // The port goes first: who is told to leave must not be let in again.
    Unawaited.started(listener.close().addListener(closed -> onLoops(Loop::drain)));
    long deadline = System.nanoTime() + patience.toNanos();
    group.next().execute(() -> awaitDrained(deadline));
    return drained.copy();
  }

  private void awaitDrained(long deadline) {
    boolean late = System.nanoTime() - deadline >= 0;
    if (late && connections() > 0) {
      onLoops(Loop::closeAll);
    }
    if (late || connections() == 0) {
      drained.complete(null);
    } else if (!group.isShuttingDown()) {
      var _ =
          group
              .next()
              .schedule(() -> awaitDrained(deadline), FINEST_SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    } else {
      drained.complete(null);
    }
  }

  private void onLoops(Consumer<Loop> action) {
    loops.values().forEach(loop -> loop.executor.execute(() -> action.accept(loop)));
  }

  /** Closes at once; waits until the last callback has run. */
  @Override
  public void close() {
    scope.startDraining();
    listener.close().awaitUninterruptibly();
    if (!group.isShuttingDown()) {
      onLoops(Loop::closeAll);
    }
    if (scope.tls != null) {
      scope.tls.close();
    }
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
    drained.complete(null);
  }
}
