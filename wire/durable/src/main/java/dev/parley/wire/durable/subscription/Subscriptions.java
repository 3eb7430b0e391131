package dev.parley.wire.durable.subscription;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The subscription group of Durable Streams at {@code /v1/stream/__ds/} (§6, §7). Requests are read
 * on their connection's event loop; the thread {@code parley-subscriptions} owns everything else.
 */
public final class Subscriptions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Subscriptions.class.getName());
  private static final String SUBSCRIPTIONS = Views.ROOT + "subscriptions/";
  private static final String JWKS = Views.ROOT + "jwks.json";
  private static final Set<String> OWN_TOKEN = Set.of("callback", "ack", "release");
  private static final String BEARER = "Bearer ";
  private static final int MAX_ID = 256;

  private final SubscriptionConfig config;
  private final SubscriptionAgent agent;
  private final SubscriptionDesk desk;
  private final Set<Reply> open = ConcurrentHashMap.newKeySet(); // not answered yet

  /**
   * Takes up the subscriptions that the hub's store holds; returns at once.
   *
   * @param keyFile where the signing key and the token secret are, or will be when first needed
   */
  public Subscriptions(Hub hub, SubscriptionConfig config, Path keyFile, InstantSource clock) {
    this.config = config;
    this.agent =
        new SubscriptionAgent(hub.store(), hub::append, config, new Secrets(keyFile), clock);
    this.desk = new SubscriptionDesk(agent);
    hub.onCommit(agent::onCommitted);
    agent.start();
  }

  /**
   * Whether a request brings a token of its own, of a wake, or needs none (the public keys): the
   * server's access control lets it pass as it is.
   */
  public static boolean carriesOwnToken(Request request) {
    if (request.path().equals(JWKS)) {
      return true;
    }
    Route route = Route.of(request.target());
    return route != null && OWN_TOKEN.contains(route.action());
  }

  /**
   * A path under {@code __ds/subscriptions/}, taken apart before it is decoded, because a stream
   * path inside it may hold encoded slashes.
   *
   * @param action what comes after the id, empty for the subscription itself
   * @param rest what comes after {@code streams/}
   */
  private record Route(String id, String action, String rest) {
    static @Nullable Route of(String target) {
      int query = target.indexOf('?');
      String path = query < 0 ? target : target.substring(0, query);
      int start = path.startsWith("/") ? 0 : path.indexOf('/', path.indexOf("//") + 2);
      if (start < 0 || !path.startsWith(SUBSCRIPTIONS, start)) {
        return null;
      }
      String[] parts = path.substring(start + SUBSCRIPTIONS.length()).split("/", 3);
      String id = decode(parts[0]);
      if (id.isEmpty() || id.length() > MAX_ID || id.contains("/")) {
        return null;
      }
      String action = parts.length > 1 ? parts[1] : "";
      String rest = parts.length > 2 ? decode(parts[2]) : "";
      boolean known =
          switch (action) {
            case "" -> parts.length == 1;
            case "streams" -> true;
            case "claim", "callback", "ack", "release" -> parts.length == 2;
            default -> false;
          };
      return known ? new Route(id, action, rest) : null;
    }

    private static String decode(String text) {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    StreamPath path() {
      try {
        return Journal.pathOf(id);
      } catch (IllegalArgumentException e) {
        throw ApiError.invalid("subscription id: " + e.getMessage());
      }
    }
  }

  /** Answers a request under {@code /v1/stream/__ds/}; on its event loop. */
  public void handle(Request request, Response response, Caller caller) {
    Reply reply = new Reply(response, open::remove);
    try {
      dispatch(request, reply, caller);
    } catch (ApiError e) {
      reply.refuse(e);
    }
  }

  private void dispatch(Request request, Reply reply, Caller caller) {
    if (request.path().equals(JWKS)) {
      requireMethod(request, reply, "GET");
      submit(reply, () -> reply.sendKeys(agent.secrets().keys().publicSet()));
      return;
    }
    Route route = Route.of(request.target());
    if (route == null) {
      throw new ApiError(
          ApiError.Code.SUBSCRIPTION_NOT_FOUND,
          request.path() + " (expected: a path under __ds/subscriptions/{id})");
    }
    StreamPath path = route.path();
    String id = route.id();
    switch (route.action()) {
      case "" -> onSubscription(request, reply, caller, id, path);
      case "streams" -> onStreams(request, reply, caller, route, path);
      case "claim" -> {
        requireMethod(request, reply, "POST");
        require(caller.may(Caller.Right.APPEND, path), "append", path);
        String worker = Bodies.worker(body(request));
        submit(reply, () -> desk.claim(id, worker, reply));
      }
      case "callback", "ack", "release" -> {
        requireMethod(request, reply, "POST");
        String token = bearer(request);
        Bodies.Report report = Bodies.report(body(request));
        boolean release = route.action().equals("release");
        submit(
            reply,
            () -> {
              if (release) {
                desk.release(id, token, report, reply);
              } else {
                desk.ack(id, token, report, reply);
              }
            });
      }
      default -> throw new IllegalStateException(route.action());
    }
  }

  private void onSubscription(
      Request request, Reply reply, Caller caller, String id, StreamPath path) {
    require(caller.may(Caller.Right.ADMIN, path), "admin", path);
    String origin = origin(request);
    switch (request.method()) {
      case "PUT" -> {
        Definition definition = Bodies.definition(id, body(request), config);
        requireRights(caller, definition);
        submit(reply, () -> desk.create(definition, origin, reply));
      }
      case "GET" -> submit(reply, () -> desk.get(id, origin, reply));
      case "DELETE" -> submit(reply, () -> desk.delete(id, reply));
      default -> throw notAllowed(reply, "GET, PUT, DELETE");
    }
  }

  /** The server will append to the wake stream, so whoever asks for it must be allowed to. */
  private static void requireRights(Caller caller, Definition definition) {
    for (String stream : definition.streams()) {
      StreamPath path = StreamPath.of(stream);
      require(caller.may(Caller.Right.READ, path), "read", path);
    }
    if (definition.target() instanceof WakeTarget.PullWake pull) {
      require(caller.may(Caller.Right.APPEND, pull.stream()), "append", pull.stream());
    }
  }

  private void onStreams(
      Request request, Reply reply, Caller caller, Route route, StreamPath path) {
    require(caller.may(Caller.Right.ADMIN, path), "admin", path);
    if (route.rest().isEmpty()) {
      requireMethod(request, reply, "POST");
      var streams = Bodies.streams(Bodies.object(body(request)), config);
      for (String stream : streams) {
        StreamPath linked = StreamPath.of(stream);
        require(caller.may(Caller.Right.READ, linked), "read", linked);
      }
      submit(reply, () -> desk.addStreams(route.id(), streams, reply));
    } else {
      requireMethod(request, reply, "DELETE");
      String stream = Bodies.path("stream", route.rest());
      submit(reply, () -> desk.removeStream(route.id(), stream, reply));
    }
  }

  private static void require(boolean granted, String right, StreamPath path) {
    if (!granted) {
      throw new ApiError(
          ApiError.Code.FORBIDDEN, "rights: not enough (expected: " + right + " on " + path + ")");
    }
  }

  private static void requireMethod(Request request, Reply reply, String method) {
    if (!request.method().equals(method)) {
      throw notAllowed(reply, method);
    }
  }

  private static ApiError notAllowed(Reply reply, String methods) {
    reply.allow(methods);
    return new ApiError(ApiError.Code.METHOD_NOT_ALLOWED, "method (expected: " + methods + ")");
  }

  private static byte[] body(Request request) {
    return ByteBufUtil.getBytes(request.body());
  }

  private static @Nullable String bearer(Request request) {
    String header = request.header("authorization");
    return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? header.substring(BEARER.length()).trim()
        : null;
  }

  private String origin(Request request) {
    String configured = config.publicUrl();
    return configured != null ? configured : request.scheme() + "://" + request.authority();
  }

  private void submit(Reply reply, SubscriptionDesk.Task task) {
    open.add(reply);
    boolean accepted = agent.submit(() -> SubscriptionDesk.guarded(reply, task));
    if (!accepted) {
      throw new ApiError(ApiError.Code.UNAVAILABLE, "too many requests are waiting; come back");
    }
  }

  /** Ends the agent; who still waits for an answer of its is told to come back. */
  @Override
  public void close() {
    agent.close();
    for (Reply reply : open) {
      reply.refuse(new ApiError(ApiError.Code.UNAVAILABLE, "the server is going away; come back"));
    }
  }

  /** One answer; may be given on any thread, and the first one counts. */
  private static final class Reply implements SubscriptionDesk.Answer {
    private final Response response;
    private final Consumer<Reply> onAnswer;
    private final AtomicBoolean answered = new AtomicBoolean();

    Reply(Response response, Consumer<Reply> onAnswer) {
      this.response = response;
      this.onAnswer = onAnswer;
      response
          .headers()
          .set("x-content-type-options", "nosniff")
          .set("cross-origin-resource-policy", "cross-origin");
    }

    /** RFC 9110 §15.5.6; on the event loop. */
    void allow(String methods) {
      response.headers().set(HttpHeaderNames.ALLOW, methods);
    }

    @Override
    public void send(int status, @Nullable ObjectNode body) {
      send(status, "application/json", "no-store", body == null ? new byte[0] : Json.bytes(body));
    }

    @Override
    public void refuse(ApiError error) {
      ObjectNode body = Json.object();
      body.putObject("error").put("code", error.code.name()).put("message", error.getMessage());
      send(error.code.status, body);
    }

    void sendKeys(byte[] set) {
      send(200, "application/jwk-set+json", "public, max-age=300", set);
    }

    private void send(int status, String contentType, String caching, byte[] body) {
      onAnswer.accept(this);
      if (!answered.compareAndSet(false, true)) {
        return;
      }
      try {
        respond(status, contentType, caching, body);
      } catch (RejectedExecutionException e) {
        LOG.log(System.Logger.Level.DEBUG, "an answer came after its event loop ended", e);
      }
    }

    private void respond(int status, String contentType, String caching, byte[] body) {
      response
          .loop()
          .execute(() -> {
            if (body.length > 0) {
              response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
            }
            if (status == 503 || status == 507) {
              response.headers().set(HttpHeaderNames.RETRY_AFTER, "1");
            }
            response.headers().set(HttpHeaderNames.CACHE_CONTROL, caching);
            response.send(status, Unpooled.wrappedBuffer(body));
          });
    }
  }
}
