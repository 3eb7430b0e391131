package dev.parley.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The listener: accepts connections and hands whole requests to its handler. Its methods are for
 * any thread.
 */
public final class HttpServer implements AutoCloseable {
  private static final long FINEST_SWEEP_MILLIS = 10;
  private static final long COARSEST_SWEEP_MILLIS = 1000;
  private static final long STOP_SECONDS = 5;

  private final Scope scope;
  private final EventLoopGroup group;
  private final @Nullable EventLoops own; // to be closed with it
  private final IdentityHashMap<EventLoop, Loop> loops;
  private final Listeners listeners;
  private final List<Future<?>> sweeps = new ArrayList<>(); // one a loop
  private final CompletableFuture<Void> drained = new CompletableFuture<>();

  private HttpServer(
      Scope scope,
      EventLoopGroup group,
      @Nullable EventLoops own,
      IdentityHashMap<EventLoop, Loop> loops,
      Listeners listeners) {
    this.scope = scope;
    this.group = group;
    this.own = own;
    this.loops = loops;
    this.listeners = listeners;
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
    EventLoops own = EventLoops.start(config, sockets);
    try {
      return start(config, own, own, handler, observer);
    } catch (IOException | RuntimeException e) {
      own.close();
      throw e;
    }
  }

  /** As above, on threads that others use too; they stay the caller's to close, after this. */
  public static HttpServer start(
      TransportConfig config, EventLoops threads, Handler handler, TransportObserver observer)
      throws IOException {
    return start(config, threads, null, handler, observer);
  }

  private static HttpServer start(
      TransportConfig config,
      EventLoops threads,
      @Nullable EventLoops own,
      Handler handler,
      TransportObserver observer)
      throws IOException {
    Path certificate = config.tlsCertificate();
    Path key = config.tlsKey();
    TlsFiles tls = certificate == null || key == null ? null : new TlsFiles(certificate, key);
    Scope scope = new Scope(config, handler, observer, tls);
    IdentityHashMap<EventLoop, Loop> loops = new IdentityHashMap<>();
    for (EventLoop loop : threads.all()) {
      loops.put(loop, new Loop(loop, observer, new Pacing(config.loopRest().toNanos())));
    }
    Listeners listeners;
    try {
      listeners =
          Listeners.open(config, threads.sockets(), threads.group(), new Acceptor(scope, loops));
    } catch (IOException e) {
      if (tls != null) {
        tls.close();
      }
      throw e;
    }
    HttpServer server = new HttpServer(scope, threads.group(), own, loops, listeners);
    server.sweepRegularly();
    return server;
  }

  /** One timer a loop, fine enough for the shortest timeout. */
  private void sweepRegularly() {
    TransportConfig config = scope.config;
    long shortest =
        Math.min(
            Math.min(config.headerTimeout().toMillis(), config.bodyTimeout().toMillis()),
            Math.min(config.idleTimeout().toMillis(), config.stalledWriteTimeout().toMillis()));
    long every = Math.clamp(shortest / 8, FINEST_SWEEP_MILLIS, COARSEST_SWEEP_MILLIS);
    loops.forEach((executor, loop) ->
        sweeps.add(
            executor.scheduleWithFixedDelay(
                () -> loop.sweep(System.nanoTime()), every, every, TimeUnit.MILLISECONDS)));
  }

  /** Where it listens, with the port it got. */
  public InetSocketAddress address() {
    return listeners.address();
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
    listeners.close(() -> onLoops(Loop::drain));
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

  private void closeAll() {
    List<Future<?>> closing = new ArrayList<>();
    loops.values().forEach(loop -> closing.add(loop.executor.submit(loop::closeAll)));
    closing.forEach(each -> each.awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS));
  }

  private void onLoops(Consumer<Loop> action) {
    loops.values().forEach(loop -> loop.executor.execute(() -> action.accept(loop)));
  }

  /** Closes at once; waits until the last callback has run. */
  @Override
  public void close() {
    scope.startDraining();
    listeners.end();
    sweeps.forEach(sweep -> sweep.cancel(false));
    if (!group.isShuttingDown()) {
      closeAll();
    }
    if (scope.tls != null) {
      scope.tls.close();
    }
    if (own != null) {
      own.close();
    }
    drained.complete(null);
  }
}
