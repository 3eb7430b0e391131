package dev.parley.server;

import dev.parley.conversation.request.Rooms;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.hub.Hub;
import dev.parley.hub.HubObserver;
import dev.parley.socketio.EngineSocket;
import dev.parley.socketio.SocketIo;
import dev.parley.stream.StreamPolicies;
import dev.parley.telemetry.Stage;
import dev.parley.telemetry.Telemetry;
import dev.parley.transport.EventLoops;
import dev.parley.transport.Handler;
import dev.parley.transport.HttpServer;
import dev.parley.transport.TransportObserver;
import dev.parley.wire.aisdk.AiSdk;
import dev.parley.wire.aisdk.AiSdkConfig;
import dev.parley.wire.durable.DurableStreams;
import dev.parley.wire.durable.subscription.Subscriptions;
import dev.parley.wire.openai.OpenAi;
import dev.parley.wire.rest.RestConfig;
import dev.parley.wire.rest.RestWire;
import dev.parley.wire.socketio.PlainSession;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.admin.AdminNamespace;
import dev.parley.wire.socketio.admin.SocketTap;
import dev.parley.wire.socketio.engine.EngineServer;
import dev.parley.wire.talk.TalkWire;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A whole Parley server as an object: started, used and stopped in a few lines. Safe on any thread.
 *
 * {@snippet :
 * try (ParleyServer server = ParleyServer.builder().port(0).inMemory().start()) {
 *   System.out.println(server.uri());
 * }
 * }
 */
public final class ParleyServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ParleyServer.class.getName());

  private final ServerConfig config;
  private final Hub hub;
  private final SocketIoServer io;
  private final HttpServer http;
  private final List<AutoCloseable> opened; // in the order they were opened
  private final AtomicBoolean draining;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ParleyServer(
      ServerConfig config,
      Hub hub,
      SocketIoServer io,
      HttpServer http,
      List<AutoCloseable> opened,
      AtomicBoolean draining) {
    this.config = config;
    this.hub = hub;
    this.io = io;
    this.http = http;
    this.opened = List.copyOf(opened);
    this.draining = draining;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Everything a file can set, by method or by key. Not safe for several threads. */
  public static final class Builder {
    private final List<Setting> settings = new ArrayList<>();
    private final List<Consumer<SocketIo>> socketIo = new ArrayList<>();
    private final Map<String, Consumer<EngineSocket>> engines = new LinkedHashMap<>();
    private final Map<String, StaticFiles.Folder> pages = new HashMap<>();
    private @Nullable Path file;

    private Builder() {}

    /** 0 for any free one. */
    public Builder port(int port) {
      return set("transport.port", Integer.toString(port));
    }

    public Builder host(String host) {
      return set("transport.host", host);
    }

    /** The folder streams are kept in. */
    public Builder data(Path folder) {
      return set("rocksdb.folder", folder.toString());
    }

    /** Streams are forgotten when the server closes. */
    public Builder inMemory() {
      return set("server.store", "memory");
    }

    /** A YAML file; what is set here goes before what it says. */
    public Builder config(Path yaml) {
      this.file = yaml;
      return this;
    }

    /** Any key, as {@code hub.shards} or {@code streams[0].pattern}. */
    public Builder set(String key, String value) {
      settings.removeIf(setting -> setting.key().equals(key));
      settings.add(new Setting(key, value, "builder"));
      return this;
    }

    /** Sets up namespaces before the first client comes. */
    public Builder socketIo(Consumer<SocketIo> setUp) {
      socketIo.add(setUp);
      return this;
    }

    /**
     * Engine.IO alone, with the settings of Socket.IO.
     *
     * @param address one segment, as {@code /engine.io}
     */
    public Builder engineIo(String address, Consumer<EngineSocket> opened) {
      if (!address.matches("/[^/]+")) {
        throw new IllegalArgumentException(
            "address: " + address + " (expected: one segment, as /engine.io)");
      }
      engines.put(address, opened);
      return this;
    }

    /**
     * Serves files of the program: HTML, scripts, styles, images. Their pages load nothing from
     * elsewhere (Content-Security-Policy).
     *
     * @param address as {@code /chat}, where {@code index.html} is shown; at {@code /} they take
     *     the console's place
     * @param beside a class whose package has the folder
     * @param folder its name
     */
    public Builder pages(String address, Class<?> beside, String folder) {
      pages.put(StaticFiles.address(address), StaticFiles.Folder.beside(beside, folder));
      return this;
    }

    /**
     * Binds and serves.
     *
     * @throws ConfigException when a setting cannot be used
     * @throws IOException that names the address when it cannot be bound
     * @throws dev.parley.stream.StoreException when the data folder cannot be used
     */
    public ParleyServer start() throws IOException {
      return ParleyServer.start(Configuration.load(file, Map.of(), settings).config(), this);
    }
  }

  static ParleyServer start(ServerConfig config) throws IOException {
    return start(config, builder());
  }

  private static ParleyServer start(ServerConfig config, Builder program) throws IOException {
    InstantSource clock = InstantSource.system();
    Telemetry telemetry = new Telemetry();
    AtomicBoolean draining = new AtomicBoolean();
    List<AutoCloseable> opened = new ArrayList<>();
    try {
      Access access = config.access().hasKeys() ? Access.of(config.access(), clock) : null;
      if (access != null) {
        opened.add(access);
      } else if (!Loopback.isName(config.transport().host())) {
        LOG.log(
            System.Logger.Level.WARNING,
            "INSECURE: listening on {0} without keys. Everyone who reaches this server may read,"
                + " change and delete everything.",
            config.transport().host());
      }
      StreamPolicies policies =
          StreamOptions.policies(config.streams(), config.socketio().recovery());
      TimedStore store = new TimedStore(Stores.open(config, policies, clock), telemetry);
      opened.add(store);
      Hub hub = new Hub(store, policies, config.hub(), new HubLatency(telemetry));
      opened.add(hub);
      Activity activity = new Activity(telemetry, System::nanoTime);
      hub.onCommit(activity);
      hub.onCommit(new RunCount(telemetry));
      NodeView node = new NodeView(config, hub, store, telemetry, draining, clock);
      Api api = new Api(hub, activity, node::state);
      Health health = new Health(draining, store);
      EventLoops loops = EventLoops.start(config.transport());
      opened.add(loops);
      Answering answering = Answering.open(config, hub, loops, telemetry, opened);
      UsageMetrics.show(telemetry, answering.ledger());
      Conversations conversations = answering.converse(config, hub, opened);
      ConversationIndex index = ConversationIndex.open(hub);
      opened.add(index);
      Rooms rooms = new Rooms(index);
      RestWire rest =
          new RestWire(
              hub,
              conversations,
              index,
              answering.roster(),
              answering.ledger(),
              rooms,
              answering::stateOf,
              RestConfig.DEFAULT,
              clock);
      OpenAi openAi = new OpenAi(hub, conversations, answering.roster(), clock);
      AiSdk aiSdk =
          new AiSdk(
              hub,
              conversations,
              answering,
              AiSdkConfig.defaults().withPersona(answering.usual()),
              clock);
      Subscriptions subscriptions =
          new Subscriptions(hub, config.webhooks(), Stores.keyFile(config, opened), clock);
      opened.add(subscriptions);
      DurableStreams streams = new DurableStreams(hub, config.durable(), clock);
      SocketIoServer io =
          new SocketIoServer(
              config.socketio(), hub, access == null ? null : token -> access.caller(token));
      opened.add(io);
      var _ = new TalkWire(io, hub, conversations, index, answering.roster(), rooms);
      measure(telemetry, io);
      SocketTap tap = new SocketTap(io, config.socketioAdmin());
      if (config.socketioAdmin().enabled()) {
        opened.add(
            AdminNamespace.open(
                io,
                tap,
                config.socketioAdmin(),
                access == null ? null : access::caller,
                access == null,
                clock));
      }
      program.socketIo.forEach(setUp -> setUp.accept(io));
      SocketsApi sockets = new SocketsApi(io, tap);
      Map<String, Handler> engines = new HashMap<>();
      engines.put("/socket.io", io::handle);
      program.engines.forEach((address, session) -> {
        EngineServer engine = PlainSession.server(config.socketio().engine(), session);
        opened.add(engine);
        engines.put(address, engine::handle);
      });
      Front front =
          new Front(
              new Sites(config.access().allowOrigins(), access == null, config.transport().host()),
              access,
              telemetry,
              new Front.Routes(
                  streams::handle,
                  subscriptions::handle,
                  Subscriptions::carriesOwnToken,
                  openAi::handle,
                  (request, response, caller) -> {
                    if (RestWire.answers(request.path())) {
                      rest.handle(request, response, caller);
                    } else if (AiSdk.answers(request.path())) {
                      aiSdk.handle(request, response, caller);
                    } else if (request.path().startsWith(SocketsApi.PATH)) {
                      sockets.handle(request, response, caller);
                    } else {
                      api.handle(request, response, caller);
                    }
                  },
                  node::metrics,
                  health::handle,
                  engines,
                  new StaticFiles(program.pages)::handle));
      HttpServer http =
          HttpServer.start(config.transport(), loops, front, new TransportLatency(telemetry));
      opened.add(http);
      node.listeningOn(http);
      ScheduledExecutorService clockwork =
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name("parley-clockwork").factory());
      var _ =
          clockwork.scheduleAtFixedRate(
              () -> {
                node.tick();
                activity.sweep();
              },
              0,
              Telemetry.TICK_SECONDS,
              TimeUnit.SECONDS);
      opened.add(clockwork::shutdownNow);
      takeUp(conversations);
      return new ParleyServer(config, hub, io, http, opened, draining);
    } catch (IOException | RuntimeException e) {
      for (AutoCloseable each : opened.reversed()) {
        closeAfter(e, each);
      }
      throw e;
    }
  }

  /** Replies that an earlier life of the server left go on. */
  private static void takeUp(Conversations conversations) {
    var _ =
        conversations
            .recover()
            .whenComplete((found, failure) -> {
              if (failure != null) {
                LOG.log(
                    System.Logger.Level.ERROR,
                    "replies that were interrupted could not be found",
                    failure);
              } else if (found > 0) {
                LOG.log(System.Logger.Level.INFO, "took up {0} interrupted replies", found);
              }
            });
  }

  private static void measure(Telemetry telemetry, SocketIoServer io) {
    telemetry.gauge(
        "parley_socketio_connections", "", "Socket.IO connections open.", io::connections);
    telemetry.gauge(
        "parley_socketio_dropped",
        "",
        "Events that drop-oldest took from slow clients.",
        () -> io.pressure().dropped());
    telemetry.gauge(
        "parley_socketio_conflated",
        "",
        "Events of slow clients that newer ones replaced.",
        () -> io.pressure().conflated());
    telemetry.gauge(
        "parley_socketio_slow_closed",
        "",
        "Connections closed because their clients were too slow.",
        () -> io.pressure().disconnected() + io.pressure().overflowed());
    telemetry.gauge(
        "parley_socketio_refused",
        "",
        "Packets refused by a rate limit.",
        () -> io.pressure().refused());
  }

  private static void closeAfter(Exception failure, AutoCloseable each) {
    try {
      each.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  public int port() {
    return http.address().getPort();
  }

  /** Where it is reached from this machine, as {@code http://localhost:8080}. */
  public URI uri() {
    String scheme = config.transport().tlsCertificate() == null ? "http" : "https";
    String host = config.transport().host();
    boolean here = Loopback.isName(host) || host.equals("0.0.0.0") || host.equals("::");
    String name = here ? "localhost" : host.contains(":") ? "[" + host + "]" : host;
    return URI.create(scheme + "://" + name + ":" + port());
  }

  public Hub hub() {
    return hub;
  }

  /** Its Socket.IO side, at {@code /socket.io/}. */
  public SocketIo io() {
    return io;
  }

  /**
   * Stops in order: accepts nothing new, tells followers to come back, answers what is under way,
   * finishes commits, lets go of the data. Returns when done; a second call does nothing.
   */
  public void drain() {
    if (closed.getAndSet(true)) {
      return;
    }
    draining.set(true);
    io.drain().join();
    var answered = http.drain(config.server().drainPatience());
    hub.drain().join();
    answered.join();
    release();
  }

  /** Stops at once; what was acknowledged is kept. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    draining.set(true);
    release();
  }

  private void release() {
    for (AutoCloseable each : opened.reversed()) {
      try {
        each.close();
      } catch (Exception e) {
        LOG.log(System.Logger.Level.ERROR, "server: " + each + " did not close", e);
      }
    }
  }

  /** Keeps what the hub says about its stages. Called on shard and loop threads. */
  private record HubLatency(Telemetry telemetry) implements HubObserver {
    @Override
    public void onShardBatch(long waitedNanos, int messages) {
      if (messages > 0) {
        telemetry.recorder(Stage.SHARD).record(waitedNanos, messages);
      }
    }

    @Override
    public void onFanOut(long nanos, int followers) {
      telemetry.recorder(Stage.FAN_OUT).record(nanos);
    }
  }

  /** Keeps what the transport says about its stages. Called on event loops. */
  private record TransportLatency(Telemetry telemetry) implements TransportObserver {
    @Override
    public void onRequest(long decodeNanos) {
      telemetry.recorder(Stage.DECODE).record(decodeNanos);
    }

    @Override
    public void onFlush(long nanos, int connections) {
      telemetry.recorder(Stage.FLUSH).record(nanos);
    }
  }
}
