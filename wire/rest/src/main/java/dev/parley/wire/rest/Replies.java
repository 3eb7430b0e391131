package dev.parley.wire.rest;

import dev.parley.conversation.request.RequestRefused;
import dev.parley.stream.StoreException;
import dev.parley.transport.Guard;
import dev.parley.transport.HttpError;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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
      case RequestRefused e -> new HttpError(e.status(), e.code(), e.number(), e.text(), e.retry());
      case StoreException e -> e.as(HttpError::new);
      default -> null;
    };
  }
}
