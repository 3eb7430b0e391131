package dev.parley.wire.durable;

import dev.parley.stream.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.List;

/** Joins payloads into the body of an answer (Durable Streams §5.6, §9.1.5). Stateless. */
final class MessageBytes {
  private MessageBytes() {}

  /** A new buffer that the receiver releases. */
  static ByteBuf joined(ContentKind kind, List<Message> messages) {
    boolean json = kind == ContentKind.JSON;
    if (!json && messages.size() <= 1) {
      return messages.isEmpty()
          ? Unpooled.EMPTY_BUFFER
          : Unpooled.wrappedBuffer(messages.getFirst().bytes());
    }
    int size = size(messages, 0, messages.size()) + (json ? messages.size() + 2 : 0);
    ByteBuf body = ByteBufAllocator.DEFAULT.directBuffer(size);
    if (json) {
      body.writeByte('[');
    }
    for (int i = 0; i < messages.size(); i++) {
      if (json && i > 0) {
        body.writeByte(',');
      }
      body.writeBytes(messages.get(i).bytes());
    }
    return json ? body.writeByte(']') : body;
  }

  static int size(List<Message> messages, int from, int to) {
    int size = 0;
    for (int i = from; i < to; i++) {
      size = Math.addExact(size, messages.get(i).bytes().length);
    }
    return size;
  }
}
