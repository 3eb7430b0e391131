package dev.parley.server;

import dev.parley.hub.Caller;
import dev.parley.stream.StreamPath;
import dev.parley.telemetry.Counter;
import dev.parley.telemetry.Telemetry;
import dev.parley.transport.Errors;
import dev.parley.transport.Handler;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.wire.aisdk.AiSdk;
import dev.parley.wire.durable.DurableStreams;
import dev.parley.wire.openai.OpenAi;
import dev.parley.wire.rest.RestWire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every wire: judges where a request comes from, finds out who asks, and passes it to
 * whoever answers its address. Runs on event loops and never blocks.
 */
final class Front implements Handler {
  private static final String ALLOWED_METHODS =
      union(DurableStreams.ALLOWED_METHODS, RestWire.ALLOWED_METHODS, AiSdk.ALLOWED_METHODS);
  private static final String ALLOWED_HEADERS =
      union(
          DurableStreams.ALLOWED_HEADERS,
          RestWire.ALLOWED_HEADERS,
          AiSdk.ALLOWED_HEADERS,
          OpenAi.ALLOWED_HEADERS);
  private static final String EXPOSED_HEADERS =
      union(DurableStreams.EXPOSED_HEADERS, AiSdk.EXPOSED_HEADERS, OpenAi.EXPOSED_HEADERS);
  private static final String CONTROL = DurableStreams.PREFIX + DurableStreams.RESERVED + "/";
  private static final String PREFLIGHT_SECONDS = "600";

  /** Who brings a token that only the wire can judge, and has no rights beyond it. */
  private static final Caller NOBODY =
      new Caller() {
        @Override
        public boolean may(Right right, StreamPath path) {
          return false;
        }

        @Override
        public boolean mayAdministrate() {
          return false;
        }

        @Override
        public @Nullable String subject() {
          return "";
        }

        @Override
        public long expiresAt() {
          return Long.MAX_VALUE;
        }
      };

  private final Sites sites;
  private final @Nullable Access access;
  private final Telemetry telemetry;
  private final Routes routes;

  /** Answers a request of someone known. */
  @FunctionalInterface
  interface Wire {
    void handle(Request request, Response response, Caller caller);
  }

  /**
   * Who answers which addresses.
   *
   * @param ownToken tells the requests of {@code control} whose token only it can judge
   * @param engines by first path segment, those whose clients show a token later, if at all
   */
  record Routes(
      Wire streams,
      Wire control,
      Predicate<Request> ownToken,
      Wire openAi,
      Wire api,
      Wire metrics,
      Handler health,
      Map<String, Handler> engines,
      Handler files) {}

  /** All that any of the wires takes, each once. */
  private static String union(String... lists) {
    return Arrays.stream(lists)
        .flatMap(list -> Arrays.stream(list.split(", *", -1)))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /**
   * @param access {@code null} when no keys are configured
   */
  Front(Sites sites, @Nullable Access access, Telemetry telemetry, Routes routes) {
    this.sites = sites;
    this.access = access;
    this.telemetry = telemetry;
    this.routes = routes;
  }

  @Override
  public void handle(Request request, Response response) {
    boolean preflight =
        request.method().equals("OPTIONS")
            && request.header("access-control-request-method") != null;
    boolean anybodys = StaticFiles.isStockClient(request) && !request.method().equals("OPTIONS");
    switch (anybodys ? Sites.Verdict.FINE : sites.judge(request, preflight)) {
      case FINE -> {}
      case FOREIGN_HOST -> {
        refused(
            response,
            421,
            "foreign_host",
            "host: " + printable(request.authority()) + " (expected: a name of this machine)");
        return;
      }
      case FOREIGN_PAGE -> {
        refused(
            response,
            403,
            "foreign_page",
            "origin: not a page of this server (expected: one of access.allow-origins)");
        return;
      }
    }
    share(request, response.headers());
    if (request.method().equals("OPTIONS")) {
      preflight(response);
    } else {
      route(request, response);
    }
  }

  /** Tells a browser which page may read the answer (Fetch §3.2.3). */
  private void share(Request request, HttpHeaders headers) {
    headers.add("vary", "Origin");
    String origin = sites.allowOrigin(request);
    if (origin != null) {
      headers.set("access-control-allow-origin", origin);
      headers.set("access-control-expose-headers", EXPOSED_HEADERS);
      if (routes.engines().containsKey(firstSegment(request.path()))) {
        // Cookies are there to find the same server again; they give no rights.
        headers.set("access-control-allow-credentials", "true");
      }
    }
  }

  /** Says what the server takes; a page that may not call lacks {@code allow-origin} here. */
  private static void preflight(Response response) {
    response
        .headers()
        .set("allow", ALLOWED_METHODS)
        .set("access-control-allow-methods", ALLOWED_METHODS)
        .set("access-control-allow-headers", ALLOWED_HEADERS)
        .set("access-control-max-age", PREFLIGHT_SECONDS);
    response.send(204, Unpooled.EMPTY_BUFFER);
  }

  private void route(Request request, Response response) {
    String path = request.path();
    if (path.startsWith(DurableStreams.PREFIX)) {
      if (!path.startsWith(CONTROL)) {
        identified(request, response, routes.streams());
      } else if (access != null && routes.ownToken().test(request)) {
        routes.control().handle(request, response, NOBODY);
      } else {
        identified(request, response, routes.control());
      }
    } else if (OpenAi.isFor(path)) {
      identified(request, response, routes.openAi());
    } else if (path.startsWith(Api.PREFIX)) {
      identified(request, response, routes.api());
    } else if (path.equals("/metrics")) {
      identified(request, response, routes.metrics());
    } else if (path.startsWith("/health/")) {
      routes.health().handle(request, response);
    } else if (StaticFiles.isStockClient(request)) {
      routes.files().handle(request, response);
    } else {
      Handler engine = routes.engines().get(firstSegment(path));
      (engine == null ? routes.files() : engine).handle(request, response);
    }
  }

  private static String firstSegment(String path) {
    int end = path.indexOf('/', 1);
    return path.substring(0, end < 0 ? path.length() : end);
  }

  private void identified(Request request, Response response, Wire wire) {
    if (access == null) {
      wire.handle(request, response, Caller.ANYONE);
      return;
    }
    String token = Bearer.of(request);
    if (token == null) {
      response.headers().set("www-authenticate", "Bearer realm=\"parley\"");
      unauthorized(
          request, response, "no_token", "an access token is needed: Authorization: Bearer …");
      return;
    }
    CompletableFuture<Caller> caller = access.caller(token);
    if (caller.isDone()) {
      resume(request, response, wire, caller);
      return;
    }
    ByteBuf body = request.body().retain(); // released once the wire has handled it, below
    var _ =
        caller.whenComplete((done, error) -> {
          try {
            response
                .loop()
                .execute(() -> {
                  try {
                    if (response.isOpen()) {
                      resume(request, response, wire, caller);
                    }
                  } finally {
                    body.release();
                  }
                });
          } catch (RejectedExecutionException e) {
            body.release(); // the loop has ended, and the connection with it
          }
        });
  }

  private void resume(
      Request request, Response response, Wire wire, CompletableFuture<Caller> done) {
    Caller caller;
    try {
      caller = done.join();
    } catch (CompletionException e) {
      invalid(request, response, e.getCause());
      return;
    }
    wire.handle(request, response, caller);
  }

  private void invalid(Request request, Response response, @Nullable Throwable cause) {
    String reason =
        cause instanceof TokenRefused refused
            ? refused.reason()
            : "it could not be verified; the server's log says why";
    if (!(cause instanceof TokenRefused)) {
      System.getLogger(Front.class.getName())
          .log(System.Logger.Level.ERROR, "access: a token could not be verified", cause);
    }
    String quotable = reason.replaceAll("[^\\x20-\\x7E]|[\"\\\\]", "'");
    response
        .headers()
        .set(
            "www-authenticate",
            "Bearer realm=\"parley\", error=\"invalid_token\", error_description=\""
                + quotable
                + '"');
    unauthorized(request, response, "invalid_token", "access token: " + reason);
  }

  /** In the form that the clients of the address know. */
  private void unauthorized(Request request, Response response, String code, String message) {
    if (OpenAi.isFor(request.path())) {
      telemetry.add(Counter.REQUESTS_REFUSED, 1);
      OpenAi.refuseToken(response, message);
    } else {
      refused(response, 401, code, message);
    }
  }

  private void refused(Response response, int status, String code, String message) {
    telemetry.add(Counter.REQUESTS_REFUSED, 1);
    Errors.send(response, status, code, message, false);
  }

  private static String printable(String text) {
    return text.length() > 200 ? text.substring(0, 200) : text;
  }
}
