package dev.parley.wire.rest;

import dev.parley.conversation.run.Answer;
import dev.parley.stream.StoreException;
import dev.parley.transport.Guard;
import dev.parley.transport.HttpError;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What every answer of this wire has in common. Stateless; runs on the response's loop. */
final class Replies {
  private static final Guard GUARD = Guard.of("rest", Replies::foreseen);

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
  static void accepted(Call call, CompletableFuture<Answer> answer) {
    boolean keyed = call.idempotencyKey() != null;
    then(
        call.response(),
        answer.thenApply(it -> require(it, keyed)),
        done -> accepted(call.response(), done));
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

  /**
   * What was done.
   *
   * @param keyed whether an {@code Idempotency-Key} has named it: another request under the same
   *     key finds the names taken
   */
  static Answer.Done require(Answer answer, boolean keyed) {
    if (keyed && answer instanceof Answer.Refused(var refusal, String _)) {
      switch (refusal) {
        case TURN_EXISTS, BRANCH_EXISTS, RUN_EXISTS -> throw Rejection.keyUsedBefore();
        default -> {}
      }
    }
    return require(answer);
  }

  static Answer.Done require(Answer answer) {
    return switch (answer) {
      case Answer.Done done -> done;
      case Answer.Refused refused -> throw Rejection.of(refused.refusal(), refused.message());
    };
  }

  /** Goes on with a result on the response's loop; errors become answers. */
  static <T> void then(Response response, CompletableFuture<T> future, Consumer<T> next) {
    GUARD.then(response, future, next);
  }

  /** Runs a step whose rejections and accidents become answers. */
  static void guarded(Response response, Runnable step) {
    GUARD.run(response, step);
  }

  private static @Nullable HttpError foreseen(Throwable failure) {
    return switch (failure) {
      case StoreException e ->
          new HttpError(
              e.code().status(), e.code().word(), e.code().sentence(), e.code().retryable());
      default -> null;
    };
  }
}
