package dev.parley.server;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.Message;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.Errors;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import dev.parley.wire.durable.DurableStreams;
import dev.parley.wire.durable.OffsetToken;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * The REST interface the console stands on, under {@code /api}. Called on event loops; answers once
 * the store has answered. Times are milliseconds since the Unix epoch.
 */
final class Api {
  static final String PREFIX = "/api/";
  private static final System.Logger LOG = System.getLogger(Api.class.getName());
  private static final String STREAMS = PREFIX + "streams";
  private static final int MAX_LIMIT = 1_000;
  private static final int MAX_BYTES = 4 << 20;

  private final Hub hub;
  private final Activity activity;
  private final Supplier<Map<String, Object>> node;

  /** Made at first use, so that a start does not wait for it. */
  private static final class Json {
    static final ObjectMapper MAPPER = JsonMapper.builder().build();
  }

  /** A request that cannot be answered as asked. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;
    final String code;

    Refused(int status, String code, String message) {
      super(message, null, false, false);
      this.status = status;
      this.code = code;
    }
  }

  Api(Hub hub, Activity activity, Supplier<Map<String, Object>> node) {
    this.hub = hub;
    this.activity = activity;
    this.node = node;
  }

  void handle(Request request, Response response, Caller caller) {
    try {
      if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
        response.headers().set("allow", "GET, HEAD");
        throw new Refused(405, "bad_method", "method: " + request.method() + " (expected: GET)");
      }
      String path = request.path();
      if (path.equals("/api/node")) {
        node(response, caller);
      } else if (path.equals("/api/messages")) {
        messages(request, response, caller);
      } else if (path.equals("/api/offset")) {
        offset(request, response, caller);
      } else if (path.equals(STREAMS)) {
        streams(request, response, caller);
      } else if (path.startsWith(STREAMS + "/")) {
        stream(response, caller, path(path.substring(STREAMS.length() + 1)));
      } else {
        throw new Refused(404, "not_found", path + ": no such address");
      }
    } catch (Refused e) {
      refuse(response, e);
    }
  }

  private void node(Response response, Caller caller) {
    if (!caller.mayAdministrate()) {
      throw new Refused(403, "forbidden", "the right admin on ** is needed");
    }
    send(response, node.get());
  }

  private void streams(Request request, Response response, Caller caller) {
    int limit = (int) number(request, "limit", 50, 1, MAX_LIMIT);
    String prefix = orElse(request.query("prefix"), "");
    String after = orElse(request.query("after"), "");
    var page = new Page(caller, prefix, limit);
    then(response, page.from(after), Function.identity());
  }

  /** Fills one page of the list, passing over what the caller may not see. */
  private final class Page {
    private static final int MOST_ROUNDS = 20;

    private final Caller caller;
    private final String prefix;
    private final int limit;
    private final List<Map<String, Object>> found = new ArrayList<>();
    private int rounds;

    Page(Caller caller, String prefix, int limit) {
      this.caller = caller;
      this.prefix = prefix;
      this.limit = limit;
    }

    CompletableFuture<Map<String, Object>> from(String after) {
      return hub.store().list(prefix, after, limit + 1).thenCompose(infos -> take(infos));
    }

    private CompletableFuture<Map<String, Object>> take(List<StreamInfo> infos) {
      String last = null;
      for (StreamInfo info : infos) {
        if (found.size() == limit) {
          return done(last);
        }
        last = info.path().value();
        if (isReserved(last)) {
          last = DurableStreams.RESERVED + "/\uFFFF"; // past all of them
        } else if (!info.deleted() && caller.may(Caller.Right.READ, info.path())) {
          found.add(describe(info));
        }
      }
      if (infos.size() <= limit || last == null) {
        return done(null);
      }
      return found.size() == limit || ++rounds == MOST_ROUNDS ? done(last) : from(last);
    }

    private CompletableFuture<Map<String, Object>> done(@Nullable String next) {
      Map<String, Object> page = new LinkedHashMap<>();
      page.put("streams", found);
      put(page, "next", next);
      return CompletableFuture.completedFuture(page);
    }
  }

  private void stream(Response response, Caller caller, StreamPath path) {
    requireRead(caller, path);
    then(
        response,
        hub.head(path),
        info -> describe(info.filter(i -> !i.deleted()).orElseThrow(() -> missing(path))));
  }

  private void messages(Request request, Response response, Caller caller) {
    StreamPath path = path(required(request, "path"));
    requireRead(caller, path);
    long after = number(request, "after", 0, 0, Long.MAX_VALUE);
    int limit = (int) number(request, "limit", 100, 1, MAX_LIMIT);
    then(
        response,
        hub.read(path, after, limit, MAX_BYTES),
        found -> {
          var slice = found.orElseThrow(() -> missing(path));
          Map<String, Object> answer = new LinkedHashMap<>();
          answer.put(
              "messages",
              slice.messages().stream().map(message -> describe(slice.info(), message)).toList());
          answer.put("tail", slice.info().tail());
          answer.put("first", slice.info().first());
          return answer;
        });
  }

  private void offset(Request request, Response response, Caller caller) {
    StreamPath path = path(required(request, "path"));
    requireRead(caller, path);
    Instant at = instant(required(request, "at"));
    then(
        response,
        hub.head(path)
            .thenCombine(
                hub.store().offsetAt(path, at),
                (info, offset) -> {
                  StreamInfo stream = info.orElseThrow(() -> missing(path));
                  long found = offset.orElseThrow(() -> missing(path));
                  Map<String, Object> answer = new LinkedHashMap<>();
                  answer.put("offset", found);
                  answer.put("token", token(stream, found));
                  answer.put("timestamp", at.toEpochMilli());
                  return answer;
                }),
        Function.identity());
  }

  private Map<String, Object> describe(StreamInfo info) {
    Map<String, Object> stream = new LinkedHashMap<>();
    stream.put("path", info.path().value());
    stream.put("contentType", info.contentType());
    stream.put("tail", info.tail());
    stream.put("first", info.first());
    stream.put("bytes", info.bytes());
    stream.put("createdAt", info.createdAt());
    put(stream, "lastAt", info.tail() == 0 ? null : info.lastTimestamp());
    stream.put("closed", info.closed());
    put(stream, "ttlSeconds", info.ttlSeconds() < 0 ? null : info.ttlSeconds());
    put(stream, "expiresAt", info.expiresAt() < 0 ? null : info.expiresAt());
    var fork = info.fork();
    put(
        stream,
        "fork",
        fork == null ? null : Map.of("source", fork.source().value(), "offset", fork.offset()));
    stream.put("followers", hub.followers(info.path()));
    stream.put("messagesPerSecond", activity.messagesPerSecond(info.path()));
    stream.put("nextOffset", token(info, info.tail()));
    stream.put("firstOffset", token(info, info.first() - 1));
    return stream;
  }

  private static Map<String, Object> describe(StreamInfo info, Message message) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("offset", message.offset());
    described.put("token", token(info, message.offset()));
    described.put("at", message.timestamp());
    described.put("bytes", message.bytes().length);
    String text = isText(info.contentType()) ? text(message.bytes()) : null;
    if (text != null) {
      described.put("text", text);
    } else {
      described.put("base64", Base64.getEncoder().encodeToString(message.bytes()));
    }
    ProducerStamp producer = message.producer();
    put(
        described,
        "producer",
        producer == null
            ? null
            : Map.of("id", producer.id(), "epoch", producer.epoch(), "seq", producer.seq()));
    return described;
  }

  private static boolean isText(String contentType) {
    String type = contentType.toLowerCase(Locale.ROOT);
    return type.startsWith("text/") || type.contains("json") || type.contains("xml");
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  /** The offset as the Durable Streams wire writes it. */
  private static String token(StreamInfo info, long offset) {
    return OffsetToken.format(info.epoch(), offset);
  }

  private static boolean isReserved(String path) {
    return path.equals(DurableStreams.RESERVED) || path.startsWith(DurableStreams.RESERVED + "/");
  }

  private static void requireRead(Caller caller, StreamPath path) {
    if (isReserved(path.value()) && !caller.mayAdministrate()) {
      throw missing(path);
    }
    if (!caller.may(Caller.Right.READ, path)) {
      throw new Refused(403, "forbidden", "the right read on " + path + " is needed");
    }
  }

  private static Refused missing(StreamPath path) {
    return new Refused(404, "not_found", "there is no stream " + path);
  }

  private static StreamPath path(String value) {
    try {
      return StreamPath.of(value);
    } catch (IllegalArgumentException e) {
      throw new Refused(400, "bad_path", String.valueOf(e.getMessage()));
    }
  }

  private static Instant instant(String value) {
    try {
      Instant at = java.time.OffsetDateTime.parse(value).toInstant();
      var _ = at.toEpochMilli(); // which checks: a time may lie further off than a long counts
      return at;
    } catch (DateTimeException | ArithmeticException e) {
      throw new Refused(
          400, "bad_time", "at: " + value + " (expected: a time as 2026-01-31T10:42:00Z)");
    }
  }

  static String required(Request request, String name) {
    String value = request.query(name);
    if (value == null || value.isEmpty()) {
      throw new Refused(400, "bad_query", name + ": missing (expected: a value)");
    }
    return value;
  }

  static long number(Request request, String name, long fallback, long least, long most) {
    String value = request.query(name);
    if (value == null || value.isEmpty()) {
      return fallback;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // refused below, as a number out of range is
    }
    throw new Refused(
        400, "bad_query", name + ": " + value + " (expected: " + least + " to " + most + ")");
  }

  static String orElse(@Nullable String value, String fallback) {
    return value == null ? fallback : value;
  }

  @SuppressWarnings("NullAway") // null is written as JSON null
  static void put(Map<String, Object> map, String key, @Nullable Object value) {
    map.put(key, value);
  }

  static <T> void then(
      Response response, CompletableFuture<T> future, Function<T, Map<String, Object>> answer) {
    var _ =
        future.whenComplete((value, error) ->
            response
                .loop()
                .execute(() -> {
                  try {
                    if (error == null) {
                      send(response, answer.apply(value));
                    } else {
                      fail(response, error);
                    }
                  } catch (RuntimeException e) {
                    fail(response, e);
                  }
                }));
  }

  private static void fail(Response response, Throwable error) {
    Throwable cause = error.getCause() instanceof Refused refused ? refused : error;
    if (cause instanceof Refused refused) {
      refuse(response, refused);
    } else {
      if (!(error instanceof StoreException) && !(error.getCause() instanceof StoreException)) {
        LOG.log(System.Logger.Level.ERROR, "api: a request failed", error); // a store logs its own
      }
      Errors.send(response, 500, "internal", "the server failed; its log says why", true);
    }
  }

  static void refuse(Response response, Refused refused) {
    Errors.send(
        response, refused.status, refused.code, String.valueOf(refused.getMessage()), false);
  }

  static void send(Response response, Map<String, Object> answer) {
    response
        .headers()
        .set("content-type", "application/json")
        .set("cache-control", "no-store")
        .set("x-content-type-options", "nosniff");
    response.send(200, Unpooled.wrappedBuffer(Json.MAPPER.writeValueAsBytes(answer)));
  }
}
