package dev.parley.wire.socketio.engine;

import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.transport.WebSocket;
import dev.parley.transport.WebSocketOptions;
import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.codec.EnginePacket;
import dev.parley.wire.socketio.codec.Handshake;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.Slice;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Engine.IO sessions behind one address: checks requests and brings them to their sessions. Safe on
 * any thread.
 */
public final class EngineServer implements AutoCloseable {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final int ID_BYTES = 15; // 20 characters
  private static final List<String> WEBSOCKET = List.of("websocket");

  private final EngineConfig config;
  private final SessionOpener opener;
  private final CodecLimits limits;
  private final WebSocketOptions webSocketOptions;
  private final WebSocketOptions okHttpOptions;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentHashMap<String, Session> sessions = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<EventLoop, SessionLoop> loops = new ConcurrentHashMap<>();
  private final EngineCounters counters = new EngineCounters();
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private volatile boolean draining;

  public EngineServer(EngineConfig config, SessionOpener opener) {
    this.config = config;
    this.opener = opener;
    CodecLimits usual = CodecLimits.DEFAULT;
    this.limits =
        new CodecLimits(
            config.maxPayload(),
            usual.maxAttachments(),
            usual.maxAttachmentBytes(),
            usual.attachmentTimeout(),
            usual.maxNamespace(),
            usual.maxDepth(),
            usual.maxString(),
            usual.maxNumber());
    this.webSocketOptions =
        new WebSocketOptions(
            config.maxPayload(), config.deflate(), config.deflateFromBytes(), CLOSE_TIMEOUT, true);
    this.okHttpOptions = webSocketOptions.withoutCloseFrame();
  }

  /** Answers a request of its address, on the response's loop. */
  public void handle(Request request, Response response) {
    Answer answer =
        new Answer(
            response,
            config.httpCompression()
                ? Coding.accepted(request.header("accept-encoding"))
                : Coding.IDENTITY);
    String transport = request.query("transport");
    boolean webSocket = config.webSocket() && "websocket".equals(transport);
    if (!webSocket && !(config.polling() && "polling".equals(transport))) {
      refuse(answer, RequestError.TRANSPORT_UNKNOWN);
      return;
    }
    String sid = request.query("sid");
    if (sid == null || sid.isEmpty()) {
      open(request, response, answer, webSocket);
      return;
    }
    Session session = sessions.get(sid);
    if (session == null) {
      refuse(answer, RequestError.SESSION_UNKNOWN);
    } else if (webSocket != request.isWebSocketUpgrade()) {
      refuse(answer, RequestError.BAD_REQUEST);
    } else if (webSocket) {
      probe(session, request, response);
    } else {
      exchange(session, request, response, answer);
    }
  }

  private void open(Request request, Response response, Answer answer, boolean webSocket) {
    Revision revision = revision(request.query("EIO"));
    if (!request.method().equals("GET")) {
      refuse(answer, RequestError.BAD_HANDSHAKE_METHOD);
    } else if (webSocket != request.isWebSocketUpgrade() || request.query("j") != null) {
      refuse(answer, RequestError.BAD_REQUEST); // j asks for JSONP
    } else if (revision == null) {
      refuse(answer, RequestError.UNSUPPORTED_VERSION);
    } else if (draining || !counters.admit(config.maxSessions())) {
      refuse(answer, RequestError.UNAVAILABLE);
    } else {
      Session session =
          new Session(
              this, newId(), revision, Handshaken.of(request), loopOf(response.loop()), webSocket);
      boolean open = false;
      try {
        open = open(session, request, response, answer, webSocket);
      } catch (SessionRefused refused) {
        refuse(answer, RequestError.FORBIDDEN, String.valueOf(refused.getMessage()));
      } finally {
        if (!open) {
          counters.leave();
          session.refuse();
        }
      }
    }
  }

  /** False when it has come to nothing, and the client been told. */
  private boolean open(
      Session session, Request request, Response response, Answer answer, boolean webSocket)
      throws SessionRefused {
    SessionListener listener = opener.open(session);
    if (config.cookie() != null) {
      response.headers().set(HttpHeaderNames.SET_COOKIE, config.cookie().header(session.id()));
    }
    if (webSocket) {
      SessionSocket carrier = new SessionSocket(session, null);
      WebSocket socket = response.acceptWebSocket(optionsFor(request), carrier);
      if (socket == null) {
        counters.onRefused();
        listener.onClose(CloseReason.TRANSPORT_ERROR);
        return false;
      }
      sessions.put(session.id(), session);
      session.open(listener, socket, carrier);
    } else {
      sessions.put(session.id(), session);
      session.open(listener, answer, request.query("b64") != null);
    }
    counters.onOpen(webSocket);
    if (draining) { // since then, which may have overlooked this one
      session.close(CloseReason.SERVER_SHUTTING_DOWN);
    }
    return true;
  }

  /**
   * OkHttp stops reading at a close frame and says that the socket is closed once its user has
   * closed it too, which the stock Java client does not: it would find out when its heartbeat is
   * overdue.
   */
  private WebSocketOptions optionsFor(Request request) {
    String agent = request.header("user-agent");
    return agent != null && agent.startsWith("okhttp/") ? okHttpOptions : webSocketOptions;
  }

  private @Nullable Revision revision(@Nullable String eio) {
    if ("4".equals(eio)) {
      return Revision.EIO4;
    }
    return config.allowEio3() && "3".equals(eio) ? Revision.EIO3 : null;
  }

  private String newId() {
    byte[] bits = new byte[ID_BYTES];
    random.nextBytes(bits);
    return Base64.getUrlEncoder().encodeToString(bits);
  }

  /** A second transport for a session; one that is not wanted is told by its close. */
  private void probe(Session session, Request request, Response response) {
    Probe probe = new Probe(session, response.loop());
    boolean mine = config.allowUpgrades() && session.claim(probe);
    WebSocket socket = response.acceptWebSocket(optionsFor(request), probe.carrier);
    if (socket == null) {
      counters.onRefused();
      session.unclaim(probe);
    } else if (mine) {
      probe.start(socket, config.upgradeTimeout().toNanos());
    } else {
      counters.onRefused();
      probe.refuse(socket);
    }
  }

  private void exchange(Session session, Request request, Response response, Answer answer) {
    switch (request.method()) {
      case "GET" -> {
        answer.onCancel(() -> session.execute(() -> session.onCancel(answer)));
        if (session.isOn(loopOf(response.loop()))) {
          session.onPoll(answer);
        } else {
          session.execute(() -> session.onPoll(answer));
        }
      }
      case "POST" -> {
        answer.onCancel(() -> session.execute(() -> session.onCancel(answer)));
        Slice body = Slice.copyOf(request.body());
        boolean binary = isBinary(request.header("content-type"));
        if (session.isOn(loopOf(response.loop()))) {
          session.onPost(answer, body, binary);
        } else {
          session.execute(() -> session.onPost(answer, body, binary));
        }
      }
      default -> refuse(answer, RequestError.BAD_REQUEST);
    }
  }

  private static boolean isBinary(@Nullable String contentType) {
    return contentType != null
        && contentType.toLowerCase(Locale.ROOT).startsWith("application/octet-stream");
  }

  void refuse(Answer answer, RequestError error) {
    refuse(answer, error, error.message());
  }

  void refuse(Answer answer, RequestError error, String message) {
    counters.onRefused();
    answer.refuse(error, message);
  }

  EngineConfig config() {
    return config;
  }

  CodecLimits limits() {
    return limits;
  }

  SessionLoop loopOf(EventLoop executor) {
    SessionLoop loop = loops.get(executor);
    return loop != null
        ? loop
        : loops.computeIfAbsent(executor, key -> new SessionLoop(key, config));
  }

  EnginePacket.Open handshakeOf(Session session, boolean polling) {
    return new Handshake(
            session.id(),
            polling && config.upgrades() ? WEBSOCKET : List.of(),
            config.pingInterval(),
            config.pingTimeout(),
            config.maxPayload())
        .packet(session.revision());
  }

  void onUpgrade() {
    counters.onUpgrade();
  }

  void onClose(Session session, CloseReason reason) {
    counters.onClose(reason, session.transport().equals("websocket"));
  }

  /** No request will find it any more. */
  void forget(Session session) {
    sessions.remove(session.id(), session);
    completeWhenDrained();
  }

  private void completeWhenDrained() {
    if (draining && sessions.isEmpty()) {
      drained.complete(null);
    }
  }

  boolean isDraining() {
    return draining;
  }

  /** Sessions open now. */
  public int sessions() {
    return counters.open();
  }

  /** The session of that id, while it is open. */
  public @Nullable Session session(String id) {
    return sessions.get(id);
  }

  public EngineStats stats() {
    return counters.stats();
  }

  /**
   * Opens no more sessions, and closes those there are so that their clients come back. Done when
   * all have been told, which polling ones have a few seconds for.
   */
  public CompletableFuture<Void> drain() {
    draining = true;
    for (Map.Entry<String, Session> entry : sessions.entrySet()) {
      entry.getValue().close(CloseReason.SERVER_SHUTTING_DOWN);
    }
    completeWhenDrained();
    return drained.copy();
  }

  /** As {@link #drain}, without waiting. */
  @Override
  public void close() {
    var _ = drain();
  }
}
