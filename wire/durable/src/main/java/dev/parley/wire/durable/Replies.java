package dev.parley.wire.durable;

import dev.parley.hub.Caller;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.Errors;
import dev.parley.transport.Response;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** What every answer of this wire has in common. Stateless; runs on the response's loop. */
final class Replies {
  private static final System.Logger LOG = System.getLogger(Replies.class.getName());
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

  static void refuse(Response response, Refusal refusal) {
    if (refusal.retry()) {
      response.headers().set(Fields.RETRY_AFTER, "1");
    }
    Errors.send(response, refusal.status(), refusal.code(), refusal.text(), refusal.retry());
  }

  /**
   * Goes on with a result on the response's loop; errors become answers, and a gone client ends it.
   */
  static <T> void then(Response response, CompletableFuture<T> future, Consumer<T> next) {
    var _ =
        future.whenComplete((value, error) -> {
          Runnable step =
              () -> {
                if (!response.isOpen()) {
                  return;
                }
                if (error != null) {
                  fail(response, error);
                } else {
                  guarded(response, () -> next.accept(value));
                }
              };
          if (response.loop().inEventLoop()) {
            step.run();
          } else {
            try {
              response.loop().execute(step);
            } catch (RejectedExecutionException e) {
              LOG.log(System.Logger.Level.DEBUG, "an answer came after its event loop ended", e);
            }
          }
        });
  }

  /** Runs a step whose refusals and accidents become answers. */
  static void guarded(Response response, Runnable step) {
    try {
      step.run();
    } catch (Refusal refusal) {
      refuse(response, refusal);
    } catch (RuntimeException e) {
      fail(response, e);
    }
  }

  private static void fail(Response response, Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    switch (cause) {
      case Refusal refusal -> refuse(response, refusal);
      case StoreException e -> refuse(response, refusal(e));
      default -> {
        LOG.log(System.Logger.Level.ERROR, "durable streams: a request failed", cause);
        refuse(response, new Refusal(500, "internal", "the server failed", false));
      }
    }
  }

  private static Refusal refusal(StoreException e) {
    return switch (e.code()) {
      case FULL -> new Refusal(507, "store_full", "no space left to store this; reads go on", true);
      case BUSY -> new Refusal(503, "store_busy", "the store has too much to do", true);
      case STOPPED -> new Refusal(503, "store_stopped", "the server is shutting down", true);
      // The store has logged it, as often as is good.
      case LOCKED, CORRUPT, IO -> new Refusal(500, "store_failed", "the store failed", false);
    };
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
