package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.socketio.SocketIo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.wire.socketio.backend.Forwarding;
import dev.parley.wire.socketio.backend.HttpBackend;
import dev.parley.wire.socketio.codec.PayloadJson;
import dev.parley.wire.socketio.codec.PayloadJson.Shape;
import dev.parley.wire.socketio.codec.SocketPacket;
import dev.parley.wire.socketio.engine.EngineServer;
import dev.parley.wire.socketio.engine.EngineStats;
import dev.parley.wire.socketio.engine.Session;
import io.netty.channel.EventLoop;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** The Socket.IO wire of one server: its namespaces and connections. Safe on any thread. */
public final class SocketIoServer implements SocketIo, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SocketIoServer.class.getName());

  /** Streams under it are this wire's own. */
  public static final String OWN_STREAMS = Journal.RESERVED;

  private static final Set<String> RESERVED =
      Set.of(
          "connect",
          "connect_error",
          "disconnect",
          "disconnecting",
          "newListener",
          "removeListener");
  private static final int MAX_NAME =
      300; // bytes of what a client asks for; its log is named after it
  private static final int ID_BYTES = 15;
  private static final String BEARER = "Bearer ";
  static final int ID_CHARACTERS = ID_BYTES * 4 / 3;

  private final SocketIoConfig config;
  private final Hub hub;
  private final Values values;
  private final @Nullable Identity identity; // null when everyone may do everything
  private final StreamRooms streams;
  private final @Nullable HttpBackend backend; // null when nobody else is asked
  private final BuiltIn builtIn;
  private final @Nullable Journal journal; // null when recovery is off
  private final EngineServer engine;
  private final BackPressure backPressure = new BackPressure();
  private final Inbound.Limits limits;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, LocalNamespace> namespaces = new ConcurrentHashMap<>();
  private final Map<EventLoop, Lane> lanes = new ConcurrentHashMap<>();
  private final AtomicInteger functions = new AtomicInteger();
  private final Set<String> ownLogin = ConcurrentHashMap.newKeySet();
  private volatile List<ParentNamespace> parents = List.of();
  private volatile List<Forwarding> forwardings = List.of();
  private volatile SocketObserver observer = SocketObserver.NONE;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("parley-socketio-clock").factory());

  /**
   * @param hub where what clients need to recover is kept
   * @param identity judges tokens; {@code null} when no keys are configured
   */
  public SocketIoServer(SocketIoConfig config, Hub hub, @Nullable Identity identity) {
    this.config = config;
    this.hub = hub;
    this.identity = identity;
    this.values = new Values(new PayloadJson(config.limits()));
    this.limits = new Inbound.Limits(config.inbound(), System.nanoTime());
    this.streams = new StreamRooms(hub, config.rooms(), values);
    this.backend = config.backend().routes().isEmpty() ? null : new HttpBackend(config.backend());
    this.builtIn = new BuiltIn(hub, streams, values, backend);
    this.journal =
        config.recovery().isOn() ? new Journal(hub, config.recovery(), values, streams) : null;
    if (journal == null) {
      hub.onCommit(commits -> commits.forEach(streams::onCommitted));
    } else {
      long nanos = journal.touchEvery().toNanos();
      var _ = clock.scheduleAtFixedRate(this::keepAlive, nanos, nanos, TimeUnit.NANOSECONDS);
    }
    this.engine = new EngineServer(config.engine(), session -> new Connection(this, session));
    if (backend != null) {
      forward(new Forwarding(backend, socket -> ((ClientSocket) socket).caller().subject()));
    }
    of("/");
  }

  /** Answers a request to {@code /socket.io/}. On the response's loop. */
  public void handle(Request request, Response response) {
    engine.handle(request, response);
  }

  SocketIoConfig config() {
    return config;
  }

  Values values() {
    return values;
  }

  Inbound.Limits limits() {
    return limits;
  }

  BackPressure backPressure() {
    return backPressure;
  }

  StreamRooms streams() {
    return streams;
  }

  BuiltIn builtIn() {
    return builtIn;
  }

  /** Who a client is: by {@code auth.token}, or by the header of its first request. */
  CompletableFuture<Caller> identify(Session session, SocketPacket.Connect connect) {
    Identity judge = identity;
    if (judge == null || ownLogin.contains(connect.namespace())) {
      return CompletableFuture.completedFuture(judge == null ? Caller.ANYONE : Nobody.CALLER);
    }
    JsonNode token =
        connect.data().isEmpty()
            ? MissingNode.getInstance()
            : values.json().tree("connect", connect.data(), Shape.OBJECT).path("token");
    String header = session.handshake().header("authorization");
    if (token.isString()) {
      return judge.caller(token.stringValue());
    }
    if (header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return judge.caller(header.substring(BEARER.length()).strip());
    }
    return config.requireToken()
        ? CompletableFuture.failedFuture(
            new IllegalArgumentException("none (expected: auth.token, or Authorization: Bearer …)"))
        : CompletableFuture.completedFuture(Nobody.CALLER);
  }

  Lane lane(EventLoop loop) {
    return lanes.computeIfAbsent(loop, Lane::new);
  }

  Future<?> after(Duration delay, Runnable action) {
    try {
      return clock.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException closed) {
      return CompletableFuture.completedFuture(null);
    }
  }

  /** 120 random bits. */
  String newId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  String eventName(String event) {
    if (RESERVED.contains(event)) {
      throw new IllegalArgumentException(
          "event: " + event + " (expected: none of the reserved names)");
    }
    return event;
  }

  @Override
  public Namespace of(String name) {
    String path = name.startsWith("/") ? name : "/" + name;
    LocalNamespace known = namespaces.get(path);
    if (known != null && known.named) {
      return known;
    }
    return Objects.requireNonNull(
        namespaces.compute(
            path,
            (_, there) -> {
              LocalNamespace found = there == null ? made(path, patternOf(path)) : there;
              found.named = true;
              return found;
            }));
  }

  private @Nullable ParentNamespace patternOf(String name) {
    for (ParentNamespace parent : parents) {
      if (parent.claims(name)) {
        return parent;
      }
    }
    return null;
  }

  /** The backend is asked before what a program has registered. */
  private LocalNamespace made(String name, @Nullable ParentNamespace parent) {
    LocalNamespace made = new LocalNamespace(this, name, parent, journal);
    for (Forwarding each : forwardings) {
      if (each.covers(name)) {
        each.attach(made);
      }
    }
    if (parent != null) {
      parent.adopt(made);
    }
    return made;
  }

  /** A namespace that asks for a login of its own instead of a token, and keeps nothing. */
  public Namespace ofOwnLogin(String name) {
    ownLogin.add(name);
    return ofUnkept(name);
  }

  /** A namespace that keeps nothing for those who come back: they know where they were. */
  public Namespace ofUnkept(String name) {
    return namespaces.computeIfAbsent(
        name,
        path -> {
          LocalNamespace own = new LocalNamespace(this, path, null, null);
          own.named = true;
          return own;
        });
  }

  /**
   * Puts what happens in every namespace that a backend's routes cover to it, whoever names it, and
   * lets clients connect to those.
   */
  public synchronized void forward(Forwarding forwarding) {
    List<Forwarding> more = new ArrayList<>(forwardings);
    more.add(forwarding);
    for (LocalNamespace there : namespaces.values()) {
      if (forwarding.covers(there.name())) {
        forwarding.attach(there);
      }
    }
    forwardings = List.copyOf(more);
    forwarding.names().forEach(this::of);
  }

  private void keepAlive() {
    try {
      Journal kept = journal;
      if (kept != null) {
        kept.alive();
        kept.forgetOld(System.nanoTime());
        dropDeserted(kept, System.nanoTime());
      }
      namespaces.values().forEach(LocalNamespace::keepAlive);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "socket.io: sessions cannot be kept alive", e);
    }
  }

  @Override
  public Namespace of(Pattern names) {
    return add(new ParentNamespace(names.pattern(), names.asMatchPredicate(), true, this));
  }

  @Override
  public Namespace of(Predicate<String> allowed) {
    String name = "/_" + functions.getAndIncrement();
    return add(new ParentNamespace(name, allowed, false, this));
  }

  private synchronized Namespace add(ParentNamespace parent) {
    List<ParentNamespace> more = new ArrayList<>(parents);
    more.add(parent);
    parents = List.copyOf(more);
    return parent;
  }

  /**
   * The namespace a client asks for, which stays until {@link #release}; null when there is none.
   */
  @Nullable LocalNamespace claim(String name) {
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
      return null;
    }
    LocalNamespace there =
        namespaces.computeIfPresent(
            name,
            (_, known) -> {
              known.claims++;
              return known;
            });
    if (there != null) {
      return there;
    }
    ParentNamespace parent =
        parentOf(name); // outside of the map, as it may be a program's function
    if (parent == null && !isOpened(name)) {
      return null;
    }
    return namespaces.compute(
        name,
        (path, known) -> {
          LocalNamespace claimed = known == null ? made(path, parent) : known;
          claimed.claims++;
          return claimed;
        });
  }

  private @Nullable ParentNamespace parentOf(String name) {
    for (ParentNamespace parent : parents) {
      if (parent.admits(name)) {
        return parent;
      }
    }
    return null;
  }

  private boolean isOpened(String name) {
    for (Forwarding each : forwardings) {
      if (each.covers(name)) {
        return true;
      }
    }
    return false;
  }

  /** A namespace that a client's wish made goes with its last client. */
  void release(LocalNamespace namespace) {
    AtomicBoolean gone = new AtomicBoolean();
    namespaces.computeIfPresent(
        namespace.name(),
        (_, known) -> {
          known.claims--;
          known.emptyNanos = System.nanoTime();
          // With recovery it stays for those who may come back.
          gone.set(known.claims == 0 && journal == null && !known.named);
          return gone.get() ? null : known;
        });
    if (gone.get()) {
      namespace.close();
    }
  }

  private void dropDeserted(Journal kept, long now) {
    long window = kept.config().window().toNanos();
    for (LocalNamespace each : namespaces.values()) {
      AtomicBoolean gone = new AtomicBoolean();
      namespaces.computeIfPresent(
          each.name(),
          (_, known) -> {
            gone.set(
                known == each
                    && known.claims == 0
                    && !known.named
                    && now - known.emptyNanos >= window);
            return gone.get() ? null : known;
          });
      if (gone.get()) {
        kept.forget(each);
        each.close();
      }
    }
  }

  SocketObserver observer() {
    return observer;
  }

  /** Lets one hear of all sockets from now on, in place of whoever did. */
  public void observe(SocketObserver next) {
    observer = next;
  }

  /** The namespaces there are now, patterns left out. */
  public Collection<Namespace> namespaces() {
    return List.copyOf(namespaces.values());
  }

  /** How many are in a namespace of this server. */
  public static int count(Namespace namespace) {
    return namespace instanceof LocalNamespace local ? local.count() : 0;
  }

  /** Rooms of a namespace of this server and how many are in each. A snapshot. */
  public static Map<String, Integer> rooms(Namespace namespace) {
    return namespace instanceof LocalNamespace local ? local.roomSizes() : Map.of();
  }

  /** The session below a socket of this server. */
  public static Session session(Socket socket) {
    return ((ClientSocket) socket).connection().session();
  }

  /** What a socket of this server holds, or nothing; makes no room as {@link Socket#data} does. */
  public static Map<String, Object> data(Socket socket) {
    return ((ClientSocket) socket).heldData();
  }

  /** Who is behind a socket of this server. */
  public static Caller caller(Socket socket) {
    return ((ClientSocket) socket).caller();
  }

  /**
   * What sends a stream to one socket of this server, rights or no rights; {@link
   * StreamFollower#start} it.
   *
   * @param events of one namespace
   */
  public StreamFollower follower(
      Socket socket, StreamPath path, StreamEvents events, StreamFollower.Listener listener) {
    return new StreamFollower(hub, (ClientSocket) socket, path, events, listener);
  }

  /** Whose a socket is by its token, or nothing. */
  public static String subject(Socket socket) {
    String subject = ((ClientSocket) socket).caller().subject();
    return subject == null ? "" : subject;
  }

  public EngineStats stats() {
    return engine.stats();
  }

  public TrafficStats traffic() {
    TrafficStats sum = TrafficStats.NONE;
    for (Lane lane : lanes.values()) {
      sum = sum.plus(lane.traffic.stats());
    }
    return sum;
  }

  /** What was done to clients that take too little or send too much. */
  public BackPressureStats pressure() {
    return backPressure.stats();
  }

  /** Connections open now. */
  public int connections() {
    return engine.sessions();
  }

  /** Tells every client to come back. */
  public CompletableFuture<Void> drain() {
    return engine.drain();
  }

  @Override
  public void close() {
    engine.close();
    clock.shutdownNow();
    if (backend != null) {
      backend.close();
    }
  }
}
