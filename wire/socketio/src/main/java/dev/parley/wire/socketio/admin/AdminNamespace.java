package dev.parley.wire.socketio.admin;

import dev.parley.hub.Caller;
import dev.parley.socketio.Arguments;
import dev.parley.socketio.Broadcast;
import dev.parley.socketio.Namespace;
import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.admin.AdminConfig.Mode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the official admin UI connects to: the protocol of {@code @socket.io/admin-ui} 0.5. Safe on
 * any thread; while someone looks, one virtual thread tells all of them what is new, and nothing
 * runs otherwise.
 */
public final class AdminNamespace implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AdminNamespace.class.getName());
  private static final Duration NEWS = Duration.ofMillis(100);
  private static final Duration NUMBERS = Duration.ofSeconds(2); // as the official server
  private static final Duration RENEWAL = Duration.ofSeconds(6); // all sockets, after a loss

  private final SocketIoServer io;
  private final SocketTap tap;
  private final AdminConfig config;
  private final AdminLogin login;
  private final InstantSource clock;
  private final Namespace namespace;
  private final Map<Socket, AdminLogin.Granted> granted =
      Collections.synchronizedMap(new WeakHashMap<>());
  private final Map<Socket, Long> admins = new ConcurrentHashMap<>(); // with when they must go
  private final Object work = new Object();
  private boolean working; // guarded by work
  private boolean closed; // guarded by work

  private AdminNamespace(
      SocketIoServer io, SocketTap tap, AdminConfig config, AdminLogin login, InstantSource clock) {
    this.io = io;
    this.tap = tap;
    this.config = config;
    this.login = login;
    this.clock = clock;
    this.namespace = io.ofOwnLogin(config.namespace());
  }

  /**
   * Lets the UI connect.
   *
   * @param tokens finds out whose a token is, when there are keys
   * @param open whether everyone who reaches the server may do everything
   */
  public static AdminNamespace open(
      SocketIoServer io,
      SocketTap tap,
      AdminConfig config,
      @Nullable Function<String, CompletableFuture<Caller>> tokens,
      boolean open,
      InstantSource clock) {
    AdminNamespace admin =
        new AdminNamespace(io, tap, config, new AdminLogin(config, tokens, open, clock), clock);
    admin.namespace.use(
        socket -> admin.granted.put(socket, admin.login.check(socket.handshake().auth())));
    admin.namespace.onConnection(admin::onConnection);
    return admin;
  }

  private boolean verbose() {
    return config.mode() == Mode.DEVELOPMENT;
  }

  private void onConnection(Socket socket) {
    AdminLogin.Granted grant = granted.remove(socket);
    if (grant == null) {
      socket.disconnect(true);
      return;
    }
    socket.onError(failure ->
        LOG.log(System.Logger.Level.WARNING, "admin: refused, {0}", failure.getMessage()));
    if (grant.session() != null) {
      socket.emit("session", grant.session());
    }
    socket.emit("config", Map.of("supportedFeatures", features()));
    if (!config.readOnly()) {
      handle(socket);
    }
    socket.onDisconnect(_ -> admins.remove(socket));
    admins.put(socket, grant.expiresAt());
    if (!socket.connected()) {
      admins.remove(socket);
    }
    startWork(); // first, so that nothing falls between what is there and what happens next
    if (verbose()) {
      socket.emit("all_sockets", allSockets());
    }
  }

  private List<String> features() {
    List<String> features = new ArrayList<>();
    if (!config.readOnly()) {
      features.addAll(
          List.of("EMIT", "JOIN", "LEAVE", "DISCONNECT", "MJOIN", "MLEAVE", "MDISCONNECT"));
    }
    features.add("AGGREGATED_EVENTS");
    if (verbose()) {
      features.add("ALL_EVENTS");
    }
    return features;
  }

  // --- what an administrator does

  private void handle(Socket socket) {
    socket.on(
        "emit",
        arguments -> {
          String event = text(arguments, 2);
          List<@Nullable Object> all = arguments.toList();
          chosen(arguments, 1, choice -> choice.emit(event, all.subList(3, all.size()).toArray()));
        });
    socket.on(
        "join",
        arguments -> {
          String room = text(arguments, 1);
          chosen(arguments, 2, choice -> choice.socketsJoin(room));
        });
    socket.on(
        "leave",
        arguments -> {
          String room = text(arguments, 1);
          chosen(arguments, 2, choice -> choice.socketsLeave(room));
        });
    socket.on(
        "_disconnect",
        arguments -> {
          boolean close = Boolean.TRUE.equals(arguments.get(1, Boolean.class));
          chosen(arguments, 2, choice -> choice.disconnectSockets(close));
        });
  }

  /** Acts on a namespace, which is the first argument, or on one room or socket of it. */
  private void chosen(Arguments arguments, int filter, Consumer<Broadcast> action) {
    String name = text(arguments, 0);
    for (Namespace each : io.namespaces()) {
      if (each.name().equals(name)) {
        String room = arguments.get(filter, String.class);
        action.accept(room == null || room.isEmpty() ? each : each.to(room));
        return;
      }
    }
  }

  private static String text(Arguments arguments, int index) {
    String text = arguments.get(index, String.class);
    if (text == null) {
      throw new IllegalArgumentException("argument " + index + ": none (expected: a string)");
    }
    return text;
  }

  // --- what an administrator hears

  private void startWork() {
    synchronized (work) {
      if (!working && !closed) {
        working = true;
        News news = new News(verbose() ? NEWS : NUMBERS);
        Thread.ofVirtual().name("parley-socketio-admin").start(() -> work(news));
      }
    }
  }

  private void work(News news) {
    while (true) {
      synchronized (work) {
        if (closed || admins.isEmpty()) {
          working = false;
          return;
        }
        try {
          work.wait(news.tick.toMillis());
        } catch (InterruptedException e) {
          working = false;
          return;
        }
      }
      try {
        news.tell();
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "admin: the numbers cannot be told", e);
      }
    }
  }

  /** What of a socket may change while it is connected. */
  private record Changeable(String transport, Map<String, Object> data) {
    static Changeable of(Socket socket) {
      return new Changeable(
          SocketIoServer.session(socket).transport(), Map.copyOf(SocketIoServer.data(socket)));
    }
  }

  /** What was told already. Confined to the thread that tells, which takes it over when made. */
  private final class News {
    final Duration tick;
    private final ServerNumbers numbers = new ServerNumbers(io, config);
    private final Map<Socket, Changeable> told = new HashMap<>();
    private final long numbersTicks;
    private final long renewalTicks;
    private long heard;
    private long lost;
    private boolean behind;
    private long ticks;

    News(Duration tick) {
      this.tick = tick;
      numbersTicks = NUMBERS.dividedBy(tick);
      renewalTicks = RENEWAL.dividedBy(tick);
      if (verbose()) {
        SocketTap.Look now = tap.look(Long.MAX_VALUE, 0);
        heard = now.last();
        lost = now.lostMoves();
        begin();
      }
    }

    private void begin() {
      told.clear();
      newest().forEach(socket -> told.put(socket, Changeable.of(socket)));
    }

    void tell() {
      if (verbose()) {
        live();
      }
      if (ticks++ % numbersTicks == 0) {
        expire();
        namespace.emit("server_stats", numbers.next(clock.millis()));
        if (verbose()) {
          updates();
        }
      }
    }

    private void expire() {
      long now = clock.millis();
      admins.forEach((socket, end) -> {
        if (end <= now) {
          socket.disconnect(true);
        }
      });
    }

    private void live() {
      SocketTap.Look look = tap.look(heard, Integer.MAX_VALUE);
      behind |= !look.complete() || look.lostMoves() > lost;
      heard = look.last();
      lost = look.lostMoves();
      look.events().forEach(this::tell);
      if (behind && ticks % renewalTicks == 0) {
        behind = false;
        begin();
        namespace.emit("all_sockets", allSockets());
      }
    }

    private void tell(LiveEvent event) {
      String at = Instant.ofEpochMilli(event.atMillis()).toString();
      String name = event.namespace();
      String id = event.socket().id();
      switch (event.kind()) {
        case CONNECTED -> {
          if (event.socket().connected() && told.size() < config.maxSockets()) {
            told.put(event.socket(), Changeable.of(event.socket()));
            namespace.emit("socket_connected", Described.socket(event.socket()), at);
          }
        }
        case DISCONNECTED -> {
          told.remove(event.socket());
          namespace.emit("socket_disconnected", name, id, event.text(), at);
        }
        case JOINED -> namespace.emit("room_joined", name, event.text(), id, at);
        case LEFT -> namespace.emit("room_left", name, event.text(), id, at);
        case RECEIVED ->
            namespace
                .asVolatile()
                .emit("event_received", name, id, EventPreview.arguments(event), at);
        case SENT -> {
          List<Object> arguments = EventPreview.arguments(event);
          for (Socket socket : event.sockets()) {
            namespace.asVolatile().emit("event_sent", name, socket.id(), arguments, at);
          }
        }
      }
    }

    private void updates() {
      told.keySet().removeIf(socket -> !socket.connected());
      told.replaceAll((socket, before) -> {
        Changeable now = Changeable.of(socket);
        if (!now.equals(before)) {
          namespace.emit(
              "socket_updated",
              Map.of(
                  "id", socket.id(),
                  "nsp", socket.namespace().name(),
                  "transport", now.transport(),
                  "data", now.data()));
        }
        return now;
      });
    }
  }

  private List<Map<String, Object>> allSockets() {
    return newest().stream().map(Described::socket).toList();
  }

  private List<Socket> newest() {
    return Census.newest(io, config.maxSockets());
  }

  @Override
  public void close() {
    synchronized (work) {
      closed = true;
      work.notifyAll();
    }
  }
}
