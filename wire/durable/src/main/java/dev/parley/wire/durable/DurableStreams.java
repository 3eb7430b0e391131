package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.hub.Hub;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The Durable Streams protocol at {@code /v1/stream/{path}}: create, append, close, delete, head
 * and the three ways to read. Stateless but for live answers; {@link #handle} runs on the
 * connection's event loop.
 */
public final class DurableStreams {
  /** Where streams live. */
  public static final String PREFIX = "/v1/stream/";

  /** First path segment kept for control (Durable Streams §6). */
  public static final String RESERVED = "__ds";

  /** For {@code Access-Control-Allow-Methods}. */
  public static final String ALLOWED_METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

  /** For {@code Access-Control-Allow-Headers}. */
  public static final String ALLOWED_HEADERS =
      "authorization, content-type, if-none-match, last-event-id, stream-seq, stream-ttl,"
          + " stream-expires-at, stream-closed, stream-forked-from, stream-fork-offset,"
          + " stream-fork-sub-offset, producer-id, producer-epoch, producer-seq";

  /** For {@code Access-Control-Expose-Headers}. */
  public static final String EXPOSED_HEADERS =
      "etag, location, retry-after, stream-next-offset, stream-cursor, stream-up-to-date,"
          + " stream-closed, stream-ttl, stream-expires-at, stream-sse-data-encoding,"
          + " stream-from-offset, producer-epoch, producer-seq, producer-expected-seq,"
          + " producer-received-seq";

  private final Hub hub;
  private final Writes writes;
  private final Reads reads;

  /**
   * @param clock of cursors and expiring callers
   */
  public DurableStreams(Hub hub, DurableConfig config, InstantSource clock) {
    this.hub = hub;
    this.writes = new Writes(hub, new JsonMessages(config.maxJsonDepth()));
    this.reads = new Reads(hub, config, clock);
  }

  /** Answers a request whose path begins with {@link #PREFIX}; never blocks. */
  public void handle(Request request, Response response, Caller caller) {
    Replies.guard(response, caller);
    Replies.guarded(response, () -> route(request, response, caller));
  }

  private void route(Request request, Response response, Caller caller) {
    StreamPath path = streamPath(request.path());
    switch (request.method()) {
      case "GET" -> reads.get(request, response, caller, path);
      case "HEAD" -> head(response, caller, path);
      case "POST" -> writes.append(request, response, caller, path);
      case "PUT" -> writes.create(request, response, caller, path);
      case "DELETE" -> delete(response, caller, path);
      default -> {
        response.headers().set(Fields.ALLOW, ALLOWED_METHODS);
        throw new HttpError(405, "bad_method", "method: not one of " + ALLOWED_METHODS, false);
      }
    }
  }

  /** The stream that {@code path}, an address on this server, names. */
  static StreamPath streamPath(String path) {
    if (!path.startsWith(PREFIX) || path.length() == PREFIX.length()) {
      throw new HttpError(404, "not_found", "expected: " + PREFIX + "{path}", false);
    }
    String value = path.substring(PREFIX.length());
    if (value.equals(RESERVED) || value.startsWith(RESERVED + "/")) {
      throw new HttpError(
          404,
          "not_found",
          "stream path: " + RESERVED + " is reserved (expected: another first segment)",
          false);
    }
    try {
      return StreamPath.of(value);
    } catch (IllegalArgumentException e) {
      throw Refusal.badRequest("bad_path", String.valueOf(e.getMessage()));
    }
  }

  private void head(Response response, Caller caller, StreamPath path) {
    Rights.require(caller, Caller.Right.READ, path);
    Replies.then(
        response,
        hub.head(path),
        found -> {
          StreamInfo info = found.orElseThrow(Refusal::missing);
          if (info.deleted()) {
            throw Refusal.softDeleted();
          }
          HttpHeaders headers = response.headers().set(Fields.CACHE_CONTROL, Fields.NO_STORE);
          Replies.describe(headers, info);
          if (info.ttlSeconds() >= 0) {
            headers.set(Fields.TTL, Long.toString(info.ttlSeconds()));
          }
          if (info.expiresAt() >= 0) {
            headers.set(Fields.EXPIRES_AT, Instant.ofEpochMilli(info.expiresAt()).toString());
          }
          Replies.send(response, 200);
        });
  }

  private void delete(Response response, Caller caller, StreamPath path) {
    Rights.require(caller, Caller.Right.DELETE, path);
    Replies.then(
        response,
        hub.delete(path),
        result -> {
          switch (result) {
            case DELETED, SOFT_DELETED -> {
              response.headers().set(Fields.CACHE_CONTROL, Fields.NO_STORE);
              Replies.send(response, 204);
            }
            case MISSING -> throw Refusal.missing();
            case GONE -> throw Refusal.softDeleted();
          }
        });
  }
}
