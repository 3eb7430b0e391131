package dev.parley.wire.openai;

import dev.parley.transport.Response;
import dev.parley.transport.SseBody;
import dev.parley.transport.SseRounds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/** An answer of server-sent events. Confined to its response's loop. */
final class EventStream extends SseBody {
  private final Runnable onWritable;

  private EventStream(Response response, Runnable onWritable) {
    super(response, Long.MAX_VALUE); // whoever listens for it breaks it off
    this.onWritable = onWritable;
  }

  static EventStream begin(Response response, SseRounds rounds, Runnable onWritable) {
    response.headers().set("cache-control", "no-store");
    EventStream events = new EventStream(response, onWritable);
    events.begin(rounds);
    return events;
  }

  @Override
  protected void onWritable() {
    onWritable.run();
  }

  @Override
  protected void onLeave() {}

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
    write(Unpooled.wrappedBuffer(head, json, tail));
  }

  /** Ends as chat completions do. */
  void done() {
    write(ByteBufUtil.writeAscii(ByteBufAllocator.DEFAULT, "data: [DONE]\n\n"));
    end();
  }
}
