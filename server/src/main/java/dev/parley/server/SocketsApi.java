package dev.parley.server;

import dev.parley.hub.Caller;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.wire.socketio.BackPressureStats;
import dev.parley.wire.socketio.SocketIoServer;
import dev.parley.wire.socketio.admin.Census;
import dev.parley.wire.socketio.admin.EventPreview;
import dev.parley.wire.socketio.admin.LiveEvent;
import dev.parley.wire.socketio.admin.SocketTap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Sockets, rooms and events of Socket.IO for the console, under {@code /api/sockets}; needs the
 * right admin. Called on event loops; looks at all sockets on virtual threads. Times are
 * milliseconds since the Unix epoch.
 */
final class SocketsApi {
  static final String PATH = Api.PREFIX + "sockets";
  private static final int MAX_LIMIT = 200;
  private static final int MOST_TEXT = 300;

  private final SocketIoServer io;
  private final Census census;
  private final SocketTap tap;

  SocketsApi(SocketIoServer io, SocketTap tap) {
    this.io = io;
    this.census = new Census(io);
    this.tap = tap;
  }

  void handle(Request request, Response response, Caller caller) {
    try {
      if (!caller.mayAdministrate()) {
        throw new Api.Refused(403, "forbidden", "the right admin on ** is needed");
      }
      switch (request.path()) {
        case PATH -> overview(request, response);
        case PATH + "/rooms" -> rooms(request, response);
        case PATH + "/list" -> sockets(request, response);
        case PATH + "/events" -> events(request, response);
        case PATH + "/disconnect" -> disconnect(request, response);
        default -> throw new Api.Refused(404, "not_found", request.path() + ": no such address");
      }
    } catch (Api.Refused e) {
      Api.refuse(response, e);
    }
  }

  private void overview(Request request, Response response) {
    onlyBy("GET", request, response);
    String containing = Api.orElse(request.query("q"), "");
    int limit = limit(request);
    answer(
        response,
        () -> {
          var engine = io.stats();
          var traffic = io.traffic();
          Map<String, Object> found = new LinkedHashMap<>();
          found.put("connections", engine.open());
          found.put("webSocket", engine.webSocket());
          found.put("polling", engine.open() - engine.webSocket());
          found.put("packetsIn", traffic.packetsIn());
          found.put("packetsOut", traffic.packetsOut());
          found.put("bytesIn", traffic.bytesIn());
          found.put("bytesOut", traffic.bytesOut());
          found.put("pressure", describe(io.pressure()));
          page(
              found,
              "namespaces",
              census.namespaces(containing, limit),
              namespace -> {
                Map<String, Object> described = new LinkedHashMap<>();
                described.put("name", namespace.name());
                described.put("sockets", namespace.sockets());
                described.put("rooms", namespace.rooms());
                return described;
              });
          return found;
        });
  }

  private static Map<String, Object> describe(BackPressureStats pressure) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("waited", pressure.waited());
    described.put("conflated", pressure.conflated());
    described.put("dropped", pressure.dropped());
    described.put("gaps", pressure.gaps());
    described.put("disconnected", pressure.disconnected());
    described.put("overflowed", pressure.overflowed());
    described.put("refused", pressure.refused());
    described.put("flooded", pressure.flooded());
    return described;
  }

  private void rooms(Request request, Response response) {
    onlyBy("GET", request, response);
    String namespace = Api.required(request, "namespace");
    String containing = Api.orElse(request.query("q"), "");
    String after = Api.orElse(request.query("after"), "");
    int limit = limit(request);
    answer(
        response,
        () -> {
          Map<String, Object> found = new LinkedHashMap<>();
          page(
              found,
              "rooms",
              census.rooms(namespace, containing, after, limit),
              room -> Map.of("name", room.name(), "sockets", room.sockets()));
          return found;
        });
  }

  private void sockets(Request request, Response response) {
    onlyBy("GET", request, response);
    String namespace = Api.required(request, "namespace");
    String room = request.query("room");
    String containing = Api.orElse(request.query("q"), "");
    String after = Api.orElse(request.query("after"), "");
    int limit = limit(request);
    answer(
        response,
        () -> {
          Map<String, Object> found = new LinkedHashMap<>();
          page(
              found,
              "sockets",
              census.sockets(namespace, room, containing, after, limit),
              SocketsApi::describe);
          return found;
        });
  }

  private static Map<String, Object> describe(Census.SocketFacts socket) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("id", socket.id());
    described.put("clientId", socket.clientId());
    Api.put(described, "user", socket.user());
    described.put("transport", socket.transport());
    described.put("address", socket.address());
    described.put("since", socket.sinceMillis());
    described.put("rooms", socket.rooms());
    return described;
  }

  private void events(Request request, Response response) {
    onlyBy("GET", request, response);
    String namespace = request.query("namespace");
    long after = Api.number(request, "after", 0, 0, Long.MAX_VALUE);
    SocketTap.Look look = tap.look(after, limit(request));
    List<Map<String, Object>> events = new ArrayList<>();
    for (LiveEvent event : look.events()) {
      if (namespace == null || namespace.equals(event.namespace())) {
        events.add(describe(event));
      }
    }
    Map<String, Object> found = new LinkedHashMap<>();
    found.put("events", events);
    found.put("last", look.last());
    found.put("complete", look.complete());
    found.put("leftOut", look.lostEvents() + look.lostMoves());
    Api.send(response, found);
  }

  private static Map<String, Object> describe(LiveEvent event) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("number", event.number());
    described.put("at", event.atMillis());
    described.put("kind", event.kind().name().toLowerCase(Locale.ROOT));
    described.put("namespace", event.namespace());
    described.put("socket", event.socket().id());
    described.put("sockets", event.count());
    described.put("text", event.text());
    if (!event.kind().isMove()) {
      described.put("arguments", EventPreview.text(event, MOST_TEXT));
      described.put("bytes", event.bytes());
    }
    return described;
  }

  private void disconnect(Request request, Response response) {
    onlyBy("POST", request, response);
    String namespace = Api.required(request, "namespace");
    String id = Api.required(request, "id");
    boolean close = "true".equals(request.query("close"));
    answer(
        response,
        () -> {
          if (!census.disconnect(namespace, id, close)) {
            throw new Api.Refused(
                404, "not_found", "there is no socket " + id + " in " + namespace);
          }
          return Map.of();
        });
  }

  private static void onlyBy(String method, Request request, Response response) {
    if (!request.method().equals(method)) {
      response.headers().set("allow", method);
      throw new Api.Refused(
          405, "bad_method", "method: " + request.method() + " (expected: " + method + ")");
    }
  }

  private static int limit(Request request) {
    return (int) Api.number(request, "limit", 50, 1, MAX_LIMIT);
  }

  private static <T> void page(
      Map<String, Object> answer,
      String name,
      Census.Page<T> page,
      Function<T, Map<String, Object>> describe) {
    answer.put(name, page.items().stream().map(describe).toList());
    answer.put("total", page.total());
    Api.put(answer, "next", page.next());
  }

  private static void answer(Response response, Supplier<Map<String, Object>> question) {
    CompletableFuture<Map<String, Object>> found = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("parley-census")
        .start(() -> {
          try {
            found.complete(question.get());
          } catch (IllegalArgumentException e) {
            found.completeExceptionally(
                new Api.Refused(400, "bad_query", String.valueOf(e.getMessage())));
          } catch (RuntimeException e) {
            found.completeExceptionally(e);
          }
        });
    Api.then(response, found, Function.identity());
  }
}
