package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Payload;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamPath;
import dev.parley.wire.socketio.backend.Asker;
import dev.parley.wire.socketio.backend.HttpBackend;
import dev.parley.wire.socketio.backend.Question;
import dev.parley.wire.socketio.backend.Verdict;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * Events that the server itself answers, so that clients use streams without a program behind them,
 * under the rights of their token. On the connection's loop.
 *
 * <p>Each takes a stream's path first and answers {@code {…}} or {@code
 * {"error":{"code","message","retry"}}}.
 */
final class BuiltIn {
  static final String MESSAGE = "parley:message";
  private static final String PREFIX = "parley:";

  private final Hub hub;
  private final StreamRooms rooms;
  private final Values values;
  private final @Nullable HttpBackend backend;

  /**
   * Made once.
   *
   * @param backend who is asked first, or {@code null}
   */
  BuiltIn(Hub hub, StreamRooms rooms, Values values, @Nullable HttpBackend backend) {
    this.backend = backend;
    this.hub = hub;
    this.rooms = rooms;
    this.values = values;
  }

  static boolean isMeant(String event) {
    return event.startsWith(PREFIX);
  }

  /** What a client did wrong, or must not do. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String code;
    private final boolean retry;

    Refused(String code, String message, boolean retry) {
      super(message, null, false, false);
      this.code = code;
      this.retry = retry;
    }
  }

  void onEvent(ClientSocket socket, SocketPacket.Event event, EventArguments arguments) {
    CompletableFuture<Map<String, Object>> answer;
    try {
      List<JsonNode> nodes = arguments.nodes();
      answer =
          switch (event.name()) {
            case "parley:subscribe" -> subscribe(socket, nodes);
            case "parley:unsubscribe" -> unsubscribe(socket, nodes);
            case "parley:publish" -> publish(socket, nodes);
            case "parley:presence" -> presence(socket, nodes);
            default ->
                throw new Refused(
                    "unknown_event",
                    event.name()
                        + " (expected: parley:subscribe, parley:unsubscribe, parley:publish or"
                        + " parley:presence)",
                    false);
          };
    } catch (Refused e) {
      answer = CompletableFuture.failedFuture(e);
    }
    var _ =
        answer.whenComplete(
            (done, failure) -> arguments.ack().send(failure == null ? done : error(failure)));
  }

  private static Map<String, Object> error(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    Map<String, Object> error = new LinkedHashMap<>();
    if (cause instanceof Refused refused) {
      error.put("code", refused.code);
      error.put("message", String.valueOf(refused.getMessage()));
      error.put("retry", refused.retry);
    } else if (cause instanceof StoreException store) {
      error.put("code", store.code() == StoreException.Code.FULL ? "storage_full" : "unavailable");
      error.put("message", String.valueOf(store.getMessage()));
      error.put("retry", store.code().retryable());
    } else {
      System.getLogger(BuiltIn.class.getName())
          .log(System.Logger.Level.ERROR, "socket.io: a built-in event failed", cause);
      error.put("code", "internal");
      error.put("message", "the server's log says why");
      error.put("retry", true);
    }
    return Map.of("error", error);
  }

  private static StreamPath path(List<JsonNode> nodes) {
    if (nodes.isEmpty() || !nodes.getFirst().isString()) {
      throw new Refused("bad_request", "stream: none (expected: its path, first)", false);
    }
    String path = nodes.getFirst().stringValue();
    if (path.equals("__ds") || path.startsWith("__ds/")) {
      throw new Refused("forbidden", "stream: " + path + " is the server's own", false);
    }
    try {
      return StreamPath.of(path);
    } catch (IllegalArgumentException e) {
      throw new Refused("bad_request", String.valueOf(e.getMessage()), false);
    }
  }

  private static void require(ClientSocket socket, Caller.Right right, StreamPath path) {
    if (!socket.caller().may(right, path)) {
      throw new Refused(
          "forbidden",
          "the token has no right to " + right.name().toLowerCase(Locale.ROOT) + " " + path,
          false);
    }
  }

  private CompletableFuture<Map<String, Object>> subscribe(
      ClientSocket socket, List<JsonNode> nodes) {
    StreamPath path = path(nodes);
    require(socket, Caller.Right.READ, path);
    JsonNode from = nodes.size() > 1 ? nodes.get(1).path("from") : MissingNode.getInstance();
    return asked(socket, asker -> new Question.Subscribe(asker, path.value()))
        .thenCompose(_ -> hub.head(path))
        .thenCompose(info -> {
          if (info.isEmpty() || info.get().deleted()) {
            throw new Refused("not_found", path + ": no such stream", false);
          }
          return after(path, from, info.get().tail());
        })
        .thenCompose(after -> {
          Replay replay = new Replay(hub, rooms, socket, path, after);
          socket.connection().session().execute(replay::start);
          return replay.done();
        })
        .thenApply(offset -> Map.of("stream", path.value(), "offset", offset));
  }

  /** What the backend says, when there is one; fails when it does not allow it. */
  private CompletableFuture<@Nullable Verdict> asked(
      ClientSocket socket, Function<Asker, Question> question) {
    if (backend == null) {
      return CompletableFuture.completedFuture(null);
    }
    return backend
        .ask(question.apply(Asker.of(socket, socket.caller().subject())))
        .thenApply(verdict -> {
          if (!verdict.allowed()) {
            String message = verdict.message();
            throw new Refused(
                "forbidden", message == null ? "not allowed" : message, verdict.retry());
          }
          return verdict;
        });
  }

  /** The offset after which to begin; −1: only what comes. */
  private CompletableFuture<Long> after(StreamPath path, JsonNode from, long tail) {
    if (from.isMissingNode() || from.isNull()) {
      return CompletableFuture.completedFuture(tail);
    }
    if (from.isIntegralNumber() && from.canConvertToLong() && from.longValue() >= 0) {
      return CompletableFuture.completedFuture(from.longValue());
    }
    if (from.isString()) {
      try {
        Instant time = Instant.parse(from.stringValue());
        // A message of that very moment is wanted too.
        return hub.store()
            .offsetAt(path, time.minusMillis(1))
            .thenApply(offset -> offset.orElse(0L));
      } catch (DateTimeException e) {
        // said below
      }
    }
    throw new Refused(
        "bad_request",
        "from: " + from + " (expected: the offset seen last, or a time as 2026-11-21T10:42:00Z)",
        false);
  }

  private static CompletableFuture<Map<String, Object>> unsubscribe(
      ClientSocket socket, List<JsonNode> nodes) {
    StreamPath path = path(nodes);
    socket.leave(StreamRooms.BY_PATH + path);
    return CompletableFuture.completedFuture(Map.of("stream", path.value()));
  }

  private CompletableFuture<Map<String, Object>> publish(
      ClientSocket socket, List<JsonNode> nodes) {
    StreamPath path = path(nodes);
    require(socket, Caller.Right.APPEND, path);
    if (nodes.size() < 2) {
      throw new Refused("bad_request", "payload: none (expected: any JSON, second)", false);
    }
    JsonNode payload = nodes.get(1);
    boolean mayCreate = socket.caller().may(Caller.Right.CREATE, path);
    return asked(
            socket,
            asker ->
                new Question.Publish(
                    asker, path.value(), values.value("payload", payload, Object.class)))
        .thenCompose(verdict -> {
          Object rewritten = verdict == null ? null : verdict.payload();
          byte[] bytes =
              values.bytes(rewritten == null ? payload : values.tree(rewritten)).toArray();
          int most = hub.policy(path).maxMessageBytes();
          if (bytes.length > most) {
            throw new Refused(
                "too_large",
                "payload: " + bytes.length + " bytes (expected: <= " + most + ")",
                false);
          }
          return rooms.append(path, new Payload(bytes, Map.of(), null), mayCreate);
        })
        .thenApply(result -> Map.of("stream", path.value(), "offset", offset(path, result)));
  }

  private static long offset(StreamPath path, AppendResult result) {
    return switch (result) {
      case AppendResult.Appended appended -> appended.first();
      case AppendResult.Missing() ->
          throw new Refused("not_found", path + ": no such stream", false);
      case AppendResult.Gone() -> throw new Refused("gone", path + ": was deleted", false);
      case AppendResult.Closed _ -> throw new Refused("closed", path + ": is closed", false);
      case AppendResult.WrongContentType wrong ->
          throw new Refused(
              "wrong_content_type", "payload: JSON (expected: " + wrong.expected() + ")", false);
      case AppendResult.Duplicate _,
          AppendResult.StaleEpoch _,
          AppendResult.EpochNotAtZero _,
          AppendResult.SequenceGap _,
          AppendResult.WriterSeqRegression _,
          AppendResult.TailMoved _ ->
          throw new IllegalStateException(path + ": " + result);
    };
  }

  private static CompletableFuture<Map<String, Object>> presence(
      ClientSocket socket, List<JsonNode> nodes) {
    StreamPath path = path(nodes);
    require(socket, Caller.Right.READ, path);
    boolean watch =
        nodes.size() < 2
            || !nodes.get(1).path("watch").isBoolean()
            || nodes.get(1).path("watch").booleanValue();
    String room = StreamRooms.BY_PATH + path;
    return socket
        .namespace()
        .presence()
        .ask(socket, room, watch)
        .thenApply(present -> Map.of("stream", path.value(), "present", present));
  }
}
