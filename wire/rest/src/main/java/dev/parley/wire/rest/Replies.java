package dev.parley.wire.rest;

import dev.parley.conversation.run.Answer;
import dev.parley.stream.StoreException;
import dev.parley.transport.Errors;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What every answer of this wire has in common. Stateless; runs on the response's loop. */
final class Replies {
  private static final System.Logger LOG = System.getLogger(Replies.class.getName());

  private Replies() {}

  static void send(Response response, int status, JsonNode json) {
    send(response, status, Json.write(json));
  }

  static void send(Response response, int status, byte[] json) {
    response.headers().set("content-type", "application/json").set("cache-control", "no-store");
    response.send(status, Unpooled.wrappedBuffer(json));
  }

  static void done(Response response) {
    response.headers().set("cache-control", "no-store");
    response.send(204, Unpooled.EMPTY_BUFFER);
  }

  /** What became of a command that asks for something: 202 with the names of what it made. */
  static void accepted(Response response, CompletableFuture<Answer> answer) {
    then(response, answer.thenApply(Replies::require), done -> accepted(response, done));
  }

  static void accepted(Response response, Answer.Done done) {
    ObjectNode json = Json.object();
    if (done.turn() != null) {
      json.put("turn", done.turn());
    }
    if (done.run() != null) {
      json.put("run", done.run());
    }
    send(response, 202, json.put("branch", done.branch()).put("offset", done.offset()));
  }

  static Answer.Done require(Answer answer) {
    return switch (answer) {
      case Answer.Done done -> done;
      case Answer.Refused refused -> throw Rejection.of(refused.refusal(), refused.message());
    };
  }

  static void reject(Response response, Rejection rejection) {
    if (rejection.retry()) {
      response.headers().set("retry-after", "1");
    }
    Errors.send(
        response,
        rejection.status(),
        rejection.code(),
        rejection.number(),
        rejection.text(),
        rejection.retry());
  }

  /**
   * Goes on with a result on the response's loop; errors become answers, and a gone client ends it.
   */
  static <T> void then(Response response, CompletableFuture<T> future, Consumer<T> next) {
    var _ =
        future.whenComplete((value, error) ->
            on(
                response,
                () -> {
                  if (!response.isOpen()) {
                    return;
                  }
                  if (error != null) {
                    fail(response, error);
                  } else {
                    guarded(response, () -> next.accept(value));
                  }
                }));
  }

  private static void on(Response response, Runnable step) {
    if (response.loop().inEventLoop()) {
      step.run();
      return;
    }
    try {
      response.loop().execute(step);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "an answer came after its event loop ended", e);
    }
  }

  /** Runs a step whose rejections and accidents become answers. */
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
    switch (cause) {
      case Rejection rejection -> reject(response, rejection);
      case StoreException e -> reject(response, rejection(e));
      default -> {
        LOG.log(System.Logger.Level.ERROR, "rest: a request failed", cause);
        reject(response, new Rejection(500, "internal", "the server failed", false));
      }
    }
  }

  private static Rejection rejection(StoreException e) {
    return switch (e.code()) {
      case FULL -> new Rejection(507, "store_full", "no space left; reads go on", true);
      case BUSY -> new Rejection(503, "store_busy", "there is too much to do", true);
      case STOPPED -> new Rejection(503, "store_stopped", "the server is shutting down", true);
      // The store has logged it, as often as is good.
      case LOCKED, CORRUPT, IO -> new Rejection(500, "store_failed", "the store failed", false);
    };
  }
}
