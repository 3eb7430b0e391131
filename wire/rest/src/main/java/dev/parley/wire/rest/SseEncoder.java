package dev.parley.wire.rest;

import dev.parley.conversation.request.Words;
import dev.parley.hub.Delivery;
import dev.parley.stream.Message;
import dev.parley.transport.SharedFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Turns messages into events (HTML §9.2.6) whose id is the offset of the last message in them. Any
 * thread; what it makes belongs to the event loop that asked.
 */
final class SseEncoder {
  /** Each message is an event. */
  static final SseEncoder EACH = new SseEncoder(false);

  /** Words of a reply that follow each other are one event. */
  static final SseEncoder JOINED = new SseEncoder(true);

  private static final int OVERHEAD = 32; // of an event, beside its message
  private static final byte[] ID_LINE = ascii("id: ");
  private static final byte[] DATA_LINE = ascii("data: ");
  private static final byte[] BEGIN = ascii("retry: 1000\n\n");

  private final boolean joins;
  private final Function<Delivery, Encoded> encode = this::encode;

  private SseEncoder(boolean joins) {
    this.joins = joins;
  }

  /** Events that the followers of one event loop share; the hub closes it after they have it. */
  record Encoded(SharedFrame frame) implements AutoCloseable {
    @Override
    public void close() {
      frame.release();
    }
  }

  /** All events of a delivery, made once per event loop. */
  SharedFrame of(Delivery delivery) {
    return delivery.encoded(this, encode).frame();
  }

  private Encoded encode(Delivery delivery) {
    return new Encoded(SharedFrame.of(events(delivery.messages())));
  }

  /** Messages as events. */
  ByteBuf events(List<Message> messages) {
    long size = 0;
    for (Message message : messages) {
      size += message.bytes().length + OVERHEAD;
    }
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer((int) Math.min(size, 1 << 24));
    try {
      for (int from = 0; from < messages.size(); ) {
        int to = joins ? Words.endOfRun(messages, from) : from + 1;
        out.writeBytes(ID_LINE);
        ByteBufUtil.writeAscii(out, Long.toString(messages.get(to - 1).offset()));
        out.writeByte('\n').writeBytes(DATA_LINE);
        if (to == from + 1) {
          writeLines(out, messages.get(from).bytes());
        } else {
          Words.writeJoined(messages.subList(from, to), out::writeBytes);
        }
        out.writeByte('\n').writeByte('\n');
        from = to;
      }
    } catch (RuntimeException e) {
      out.release();
      throw e;
    }
    return out;
  }

  /** One of ours is a line; somebody with the right to append may have written several. */
  private static void writeLines(ByteBuf out, byte[] text) {
    int from = 0;
    for (int i = 0; i < text.length; i++) {
      if (text[i] == '\n' || text[i] == '\r') {
        out.writeBytes(text, from, i - from).writeByte('\n').writeBytes(DATA_LINE);
        from = i + 1;
      }
    }
    out.writeBytes(text, from, text.length - from);
  }

  /** An event that is not stored: it has a name and no id. */
  static byte[] passing(String name, JsonNode data) {
    byte[] json = Json.write(data);
    byte[] head = ascii("event: " + name + "\ndata: ");
    byte[] event = new byte[head.length + json.length + 2];
    System.arraycopy(head, 0, event, 0, head.length);
    System.arraycopy(json, 0, event, head.length, json.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return event;
  }

  /** How an answer begins: come back after a second. */
  static ByteBuf begin() {
    return Unpooled.wrappedBuffer(BEGIN);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
