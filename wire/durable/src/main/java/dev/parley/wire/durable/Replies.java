package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Guard;
import dev.parley.transport.HttpError;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What every answer of this wire has in common. Stateless; runs on the response's loop. */
final class Replies {
  private static final Guard GUARD =
      Guard.of(
          "durable streams", e -> e instanceof StoreException it ? it.as(HttpError::new) : null);
  private static final long MAX_AGE_SECONDS = 60;

  private Replies() {}

  /** Durable Streams §12.7, on every answer; and whose it is, for caches (§10.1, §12.2). */
  static void guard(Response response, Caller caller) {
    HttpHeaders headers =
        response
            .headers()
            .set("x-content-type-options", "nosniff")
            .set("cross-origin-resource-policy", "cross-origin");
    if (!isShared(caller)) {
      headers.add("vary", "Authorization");
    }
  }

  static void send(Response response, int status) {
    send(response, status, Unpooled.EMPTY_BUFFER);
  }

  static void send(Response response, int status, ByteBuf body) {
    response.send(status, body);
  }

  /** Goes on with a result on the response's loop; errors become answers. */
  static <T> void then(Response response, CompletableFuture<T> future, Consumer<T> next) {
    GUARD.then(response, future, next);
  }

  /** Runs a step whose refusals and accidents become answers. */
  static void guarded(Response response, Runnable step) {
    GUARD.run(response, step);
  }

  /** Content type, tail and closure, as on every answer about a whole stream. */
  static void describe(HttpHeaders headers, StreamInfo info) {
    headers
        .set(Fields.CONTENT_TYPE, info.contentType())
        .set(Fields.NEXT_OFFSET, OffsetToken.format(info.epoch(), info.tail()));
    if (info.closed()) {
      headers.set(Fields.CLOSED, "true");
    }
  }

  /** Of answers that a cache may keep and must ask about each time. */
  static String revalidated(Caller caller) {
    return isShared(caller) ? "no-cache" : "private, no-cache";
  }

  /** Whether what this caller gets is what anyone would get. */
  private static boolean isShared(Caller caller) {
    return caller.subject() == null;
  }

  /**
   * Durable Streams §10.1: shared caches only for what anyone may read, and not past its expiry.
   */
  static String cacheControl(Caller caller, StreamInfo info, long nowMillis) {
    String scope = isShared(caller) ? "public" : "private";
    long age = MAX_AGE_SECONDS;
    if (info.ttlSeconds() >= 0) {
      age = Math.min(age, info.ttlSeconds());
    }
    if (info.expiresAt() >= 0) {
      age = Math.clamp((info.expiresAt() - nowMillis) / 1_000, 0, age);
    }
    return age < MAX_AGE_SECONDS
        ? scope + ", max-age=" + age
        : scope + ", max-age=60, stale-while-revalidate=300";
  }
}
