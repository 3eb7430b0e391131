package dev.parley.wire.socketio.engine;

import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import dev.parley.wire.socketio.codec.Slice;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An Engine.IO server for tests that sends back what it gets. Any thread. */
final class EchoServer implements AutoCloseable {
  /** As in the official suites. */
  static final Duration PING_INTERVAL = Duration.ofMillis(300);

  /** Five times theirs: a busy machine is late too. */
  static final Duration PING_TIMEOUT = Duration.ofSeconds(1);

  final LinkedBlockingQueue<Session> opened = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<CloseReason> closed = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Long> deadlines = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Session> writable = new LinkedBlockingQueue<>();
  private final Semaphore handled = new Semaphore(0);
  final EngineServer engine;
  final HttpServer http;

  EchoServer(EngineConfig config) throws IOException {
    this(config, null, 2);
  }

  EchoServer(EngineConfig config, @Nullable SessionOpener opener, int loops) throws IOException {
    engine = new EngineServer(config, opener == null ? this::open : opener);
    http =
        HttpServer.start(
            transport(loops),
            (request, response) -> {
              engine.handle(request, response);
              handled.release();
            });
  }

  private SessionListener open(Session session) {
    opened.add(session);
    return new Echo(session);
  }

  private static TransportConfig transport(int loops) {
    TransportConfig usual = TransportConfig.defaults();
    return new TransportConfig(
        usual.host(),
        0,
        loops,
        usual.loopRest(),
        usual.maxHeaderBytes(),
        usual.maxBodyBytes(),
        usual.maxInFlightBodyBytes(),
        usual.maxConnections(),
        usual.maxConnectionsPerAddress(),
        usual.headerTimeout(),
        usual.bodyTimeout(),
        usual.minBodyBytesPerSecond(),
        usual.idleTimeout(),
        usual.writeHighBytes(),
        usual.writeLowBytes(),
        usual.stalledWriteTimeout(),
        null,
        null);
  }

  /** Heartbeats that no test waits for. */
  static EngineConfig config() {
    return new TestConfig().build();
  }

  static EngineConfig officialConfig() {
    TestConfig config = new TestConfig();
    config.pingInterval = PING_INTERVAL;
    config.pingTimeout = PING_TIMEOUT;
    return config.build();
  }

  Session session() throws InterruptedException {
    Session session = opened.poll(10, TimeUnit.SECONDS);
    if (session == null) {
      throw new AssertionError("no session was opened");
    }
    return session;
  }

  /** Waits until so many more requests have come to the engine. */
  void awaitRequests(int count) throws InterruptedException {
    if (!handled.tryAcquire(count, 10, TimeUnit.SECONDS)) {
      throw new AssertionError("requests: too few (expected: " + count + ")");
    }
  }

  String reason() throws InterruptedException {
    CloseReason reason = closed.poll(10, TimeUnit.SECONDS);
    return reason == null ? "none" : reason.label();
  }

  URI uri(String query) {
    return URI.create("http://127.0.0.1:" + http.address().getPort() + "/engine.io/?" + query);
  }

  URI webSocketUri(String query) {
    return URI.create("ws://127.0.0.1:" + http.address().getPort() + "/engine.io/?" + query);
  }

  @Override
  public void close() {
    http.close();
    engine.close();
  }

  /** Sends back what it gets. Confined to the session's loop. */
  class Echo implements SessionListener {
    private final Session session;

    Echo(Session session) {
      this.session = session;
    }

    @Override
    public void onText(Slice utf8) {
      session.send(Outgoing.text(utf8));
    }

    @Override
    public void onBinary(Slice bytes) {
      session.send(Outgoing.binary(bytes));
    }

    @Override
    public void onWritable() {
      writable.add(session);
    }

    @Override
    public void onDeadline(long nanoTime) {
      deadlines.add(nanoTime);
    }

    @Override
    public void onClose(CloseReason reason) {
      closed.add(reason);
    }
  }
}
