package dev.parley.wire.aisdk;

import dev.parley.stream.StoreException;
import dev.parley.transport.Guard;
import dev.parley.transport.HttpError;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** What every answer of this wire has in common. Stateless; runs on the response's loop. */
final class Replies {
  private static final Guard GUARD =
      Guard.of("ai sdk", e -> e instanceof StoreException it ? it.as(HttpError::new) : null);

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
    GUARD.then(response, future, next);
  }

  /** Runs a step whose refusals and accidents become answers. */
  static void guarded(Response response, Runnable step) {
    GUARD.run(response, step);
  }
}
