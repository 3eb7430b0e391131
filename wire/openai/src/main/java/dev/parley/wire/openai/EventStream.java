package dev.parley.wire.openai;

import dev.parley.transport.Response;
import dev.parley.transport.StreamingBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** An answer of server-sent events. Confined to its response's loop. */
final class EventStream {
  private static final int HEARTBEAT_SECONDS = 15;

  private final StreamingBody body;
  private final Future<?> heartbeat;

  EventStream(Response response, Runnable onWritable) {
    response
        .headers()
        .set("content-type", "text/event-stream; charset=utf-8")
        .set("cache-control", "no-store")
        .set("x-accel-buffering", "no");
    body = response.stream(200);
    body.onWritable(onWritable);
    heartbeat =
        response
            .loop()
            .scheduleAtFixedRate(
                this::beat, HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
    response.onClose(() -> heartbeat.cancel(false));
  }

  private void beat() {
    if (body.isWritable()) {
      body.write(ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, ": \n\n"));
    }
  }

  /** An event with a name. */
  void event(String name, JsonNode data) {
    write("event: " + name + "\ndata: ", data);
  }

  void data(JsonNode data) {
    write("data: ", data);
  }

  private void write(String before, JsonNode data) {
    ByteBuf head = Unpooled.copiedBuffer(before, StandardCharsets.US_ASCII);
    ByteBuf json = Unpooled.wrappedBuffer(Fields.JSON.writeValueAsBytes(data));
    ByteBuf tail = Unpooled.copiedBuffer("\n\n", StandardCharsets.US_ASCII);
    body.write(Unpooled.wrappedBuffer(head, json, tail));
  }

  boolean isWritable() {
    return body.isWritable();
  }

  /** Ends as chat completions do. */
  void done() {
    body.write(ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, "data: [DONE]\n\n"));
    end();
  }

  void end() {
    heartbeat.cancel(false);
    body.end();
  }

  /** The client can tell that there is more. */
  void abort() {
    heartbeat.cancel(false);
    body.abort();
  }
}
