package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.socketio.SocketIo;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
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
  private final Set<String> ownLogin = ConcurrentHashMap.newKeySet();
  private volatile List<Family> families = List.of();
  private volatile SocketObserver observer = SocketObserver.NONE;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("parley-socketio-clock").factory());

  /** Namespaces that are made when a client asks for them. */
  private record Family(Predicate<String> allowed, LocalNamespace.Registrations registrations) {}

  /**
   * @param hub where what clients need to recover is kept
   * @param identity judges tokens; {@code null} when no keys are configured
   */
  public SocketIoServer(SocketIoConfig config, Hub hub, @Nullable Identity identity) {
    this.config = config;
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
    of("/");
    if (backend != null) {
      new Forwarding(backend, socket -> ((ClientSocket) socket).caller().subject()).register(this);
    }
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
    return namespaces.computeIfAbsent(
        name.startsWith("/") ? name : "/" + name,
        path -> new LocalNamespace(this, path, new LocalNamespace.Registrations(), journal));
  }

  /** A namespace that asks for a login of its own instead of a token, and keeps nothing. */
  public Namespace ofOwnLogin(String name) {
    ownLogin.add(name);
    return namespaces.computeIfAbsent(
        name, path -> new LocalNamespace(this, path, new LocalNamespace.Registrations()));
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
    return of(names.asMatchPredicate());
  }

  @Override
  public synchronized Namespace of(Predicate<String> allowed) {
    LocalNamespace parent = new LocalNamespace(this, "/*", new LocalNamespace.Registrations());
    List<Family> more = new ArrayList<>(families);
    more.add(new Family(allowed, parent.registrations()));
    families = List.copyOf(more);
    return parent;
  }

  /**
   * The namespace a client asks for, which stays until {@link #release}; null when there is none.
   */
  @Nullable LocalNamespace claim(String name) {
    LocalNamespace.Registrations wanted = registrations(name);
    if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
      return null;
    }
    return namespaces.compute(
        name,
        (path, known) -> {
          LocalNamespace claimed =
              known != null || wanted == null
                  ? known
                  : new LocalNamespace(this, path, wanted, journal);
          if (claimed != null) {
            claimed.claims++;
          }
          return claimed;
        });
  }

  /** A namespace that a client's wish made goes with its last client. */
  void release(LocalNamespace namespace) {
    namespaces.computeIfPresent(
        namespace.name(),
        (_, known) -> {
          known.claims--;
          known.emptyNanos = System.nanoTime();
          // With recovery it stays for those who may come back.
          return known.claims > 0 || journal != null || !isOfFamily(known) ? known : null;
        });
  }

  private void dropDeserted(Journal kept, long now) {
    long window = kept.config().window().toNanos();
    for (String name : namespaces.keySet()) {
      namespaces.computeIfPresent(
          name,
          (_, known) -> {
            if (known.claims > 0 || !isOfFamily(known) || now - known.emptyNanos < window) {
              return known;
            }
            kept.forget(known);
            known.close();
            return null;
          });
    }
  }

  private LocalNamespace.@Nullable Registrations registrations(String name) {
    for (Family family : families) {
      if (family.allowed().test(name)) {
        return family.registrations();
      }
    }
    return null;
  }

  private boolean isOfFamily(LocalNamespace namespace) {
    return families.stream()
        .anyMatch(family -> family.registrations() == namespace.registrations());
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
