package dev.parley.server;

import dev.parley.transport.Errors;
import dev.parley.transport.Request;
import dev.parley.transport.Response;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells an orchestrator whether to keep the node and whether to send it work. Runs on event loops.
 */
final class Health {
  private final AtomicBoolean draining;
  private final TimedStore store;

  Health(AtomicBoolean draining, TimedStore store) {
    this.draining = draining;
    this.store = store;
  }

  void handle(Request request, Response response) {
    switch (request.path()) {
      case "/health/live" -> fine(response);
      case "/health/ready" -> {
        if (draining.get()) {
          Errors.send(response, 503, "draining", "the server is going away", true);
        } else if (store.full()) {
          Errors.send(response, 503, "store_full", "no space left for appends; reads go on", true);
        } else {
          fine(response);
        }
      }
      default ->
          Errors.send(response, 404, "not_found", "expected: /health/live or /health/ready", false);
    }
  }

  private static void fine(Response response) {
    response.headers().set("content-type", "text/plain; charset=utf-8");
    response.headers().set("cache-control", "no-store");
    response.send(200, Unpooled.wrappedBuffer("ok\n".getBytes(StandardCharsets.UTF_8)));
  }
}
