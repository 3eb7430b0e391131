package dev.parley.wire.socketio;

import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.socketio.Socket;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportConfig;
import dev.parley.wire.socketio.backend.BackendConfig;
import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.engine.EngineConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A real server on a free port, over a store that it may be restarted on. The test's thread. */
final class Trial implements AutoCloseable {
  /** What tests change of the configuration. */
  static final class Settings {
    Duration window = Duration.ofMinutes(2);
    long maxBytes = 64L << 20;
    boolean skipMiddleware = true;
    int maxNamespaces = 64;
    int maxWaitingEvents = 128;
    int maxWaitingBytes = 1 << 20;
    Duration connectTimeout = Duration.ofSeconds(45);
    Duration presenceGrace = Duration.ofSeconds(10);
    List<RoomBinding> rooms = List.of();
    @Nullable Identity identity;
    boolean requireToken = true;
    Store store = new MemoryStore();

    private SocketIoConfig config() {
      return new SocketIoConfig(
          EngineConfig.defaults(),
          CodecLimits.DEFAULT,
          connectTimeout,
          maxNamespaces,
          maxWaitingEvents,
          maxWaitingBytes,
          new RecoveryConfig(window, maxBytes, skipMiddleware),
          rooms,
          List.of("/"),
          requireToken,
          presenceGrace,
          BackendConfig.defaults(),
          List.of(),
          InboundConfig.defaults());
    }
  }

  final Settings settings;
  private final List<TestClient> clients = new ArrayList<>();
  Hub hub;
  SocketIoServer io;
  private HttpServer http;

  Trial() {
    this(new Settings());
  }

  Trial(Settings settings) {
    this.settings = settings;
    this.hub = hub();
    this.io = new SocketIoServer(settings.config(), hub, settings.identity);
    this.http = listen();
  }

  private Hub hub() {
    StreamPolicies policies = StreamPolicies.uniform(StreamPolicy.DEFAULT);
    return new Hub(settings.store, policies, HubConfig.defaults());
  }

  private HttpServer listen() {
    SocketIoServer behind = io;
    try {
      return HttpServer.start(TransportConfig.defaults().withPort(0), behind::handle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the server and starts another on the same store, with the settings as they are now. */
  void restart() {
    stop();
    hub = hub();
    io = new SocketIoServer(settings.config(), hub, settings.identity);
    http = listen();
  }

  int port() {
    return http.address().getPort();
  }

  TestClient client() {
    return client(4);
  }

  TestClient client(int revision) {
    TestClient client = TestClient.open(port(), revision);
    clients.add(client);
    return client;
  }

  TestClient pollingClient() {
    TestClient client = TestClient.polling(port());
    clients.add(client);
    return client;
  }

  /** A client in the main namespace. */
  TestClient connected() {
    TestClient client = client();
    var _ = client.connect("/", "");
    return client;
  }

  /** The sockets of a namespace, as they connect. */
  BlockingQueue<Socket> connections(String namespace) {
    BlockingQueue<Socket> sockets = new LinkedBlockingQueue<>();
    io.of(namespace).onConnection(sockets::add);
    return sockets;
  }

  static <T> T next(BlockingQueue<T> queue) {
    try {
      T next = queue.poll(20, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing in 20 s");
      }
      return next;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void stop() {
    io.close();
    http.close();
    hub.close();
  }

  @Override
  public void close() {
    for (TestClient client : clients) {
      client.close();
    }
    stop();
    settings.store.close();
  }
}
