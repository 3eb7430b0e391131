package dev.parley.wire.aisdk;

import dev.parley.stream.StoreException;
import dev.parley.transport.Errors;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** What every answer of this wire has in common. Stateless; runs on the response's loop. */
final class Replies {
  private static final System.Logger LOG = System.getLogger(Replies.class.getName());

  private Replies() {}

  static void send(Response response, JsonNode body) {
    response.headers().set("content-type", "application/json").set("cache-control", "no-store");
    response.send(200, Unpooled.wrappedBuffer(Chunks.JSON.writeValueAsBytes(body)));
  }

  static void sendNothing(Response response) {
    response.headers().set("cache-control", "no-store");
    response.send(204, Unpooled.EMPTY_BUFFER);
  }

  /** Goes on with a result on the response's loop; errors become answers. */
  static <T> void then(Response response, CompletableFuture<T> future, Consumer<T> next) {
    var _ =
        future.whenComplete((value, error) ->
            on(
                response,
                () -> {
                  if (error != null) {
                    fail(response, error);
                  } else {
                    guarded(response, () -> next.accept(value));
                  }
                }));
  }

  private static void on(Response response, Runnable step) {
    Runnable open =
        () -> {
          if (response.isOpen()) {
            step.run();
          }
        };
    if (response.loop().inEventLoop()) {
      open.run();
      return;
    }
    try {
      response.loop().execute(open);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "an answer came after its event loop ended", e);
    }
  }

  /** Runs a step whose refusals and accidents become answers. */
  static void guarded(Response response, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      fail(response, e);
    }
  }

  private static void fail(Response response, Throwable error) {
    Throwable cause =
        error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    Refused refused =
        switch (cause) {
          case Refused it -> it;
          case StoreException it -> refused(it);
          default -> {
            LOG.log(System.Logger.Level.ERROR, "ai sdk: a request failed", cause);
            yield new Refused(500, "internal", "the server failed; its log says why", true);
          }
        };
    if (refused.retry()) {
      response.headers().set("retry-after", "1");
    }
    Errors.send(response, refused.status(), refused.code(), refused.text(), refused.retry());
  }

  private static Refused refused(StoreException e) {
    return switch (e.code()) {
      case FULL -> new Refused(507, "store_full", "no space left to store this", true);
      case BUSY -> new Refused(503, "store_busy", "the store has too much to do", true);
      case STOPPED -> new Refused(503, "store_stopped", "the server is shutting down", true);
      case LOCKED, CORRUPT, IO -> new Refused(500, "store_failed", "the store failed", false);
    };
  }
}
