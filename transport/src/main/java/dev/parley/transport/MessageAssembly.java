package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Joins the data frames of one WebSocket to messages, inflates and checks them. What is wrong is
 * thrown with its close code. Confined to the connection's loop.
 */
final class MessageAssembly {
  static final int RSV1 = 4;

  private static final long HIGH_BITS = 0x8080808080808080L;

  private final Connection connection;
  private final int limit;
  private @Nullable ByteBuf joined; // fragments of the message being received
  private boolean text;
  private boolean deflated;

  MessageAssembly(Connection connection, int limit) {
    this.connection = connection;
    this.limit = limit;
  }

  /** Takes a frame, which stays the caller's; the whole message with a reference of its own. */
  @Nullable ByteBuf add(WebSocketFrame frame, boolean startsMessage) {
    if (startsMessage) {
      text = frame instanceof TextWebSocketFrame;
      deflated = (frame.rsv() & RSV1) != 0;
      if (frame.isFinalFragment()) {
        return whole(frame.content().retain());
      }
    }
    ByteBuf all = join(frame.content());
    if (!frame.isFinalFragment()) {
      return null;
    }
    joined = null;
    return whole(all);
  }

  private ByteBuf join(ByteBuf piece) {
    ByteBuf all = joined;
    long size = (all == null ? 0L : all.readableBytes()) + piece.readableBytes();
    if (size > limit) {
      throw tooLarge();
    }
    if (all == null) {
      all = connection.channel.alloc().buffer((int) size, limit);
      joined = all;
    }
    return all.writeBytes(piece, piece.readerIndex(), piece.readableBytes());
  }

  private ByteBuf whole(ByteBuf payload) {
    ByteBuf message = deflated ? inflate(payload) : payload;
    if (text && !isUtf8(message)) {
      message.release();
      throw new CorruptedWebSocketFrameException(
          WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "text is malformed (expected: UTF-8)");
    }
    return message;
  }

  /** Most text begins with ASCII, or is nothing else: eight bytes at a time. */
  private static boolean isUtf8(ByteBuf text) {
    int at = text.readerIndex();
    int end = text.writerIndex();
    while (end - at >= Long.BYTES && (text.getLong(at) & HIGH_BITS) == 0) {
      at += Long.BYTES;
    }
    return ByteBufUtil.isText(text, at, end - at, StandardCharsets.UTF_8);
  }

  private ByteBuf inflate(ByteBuf payload) {
    try {
      ByteBuf message =
          connection.loop.deflate().inflate(payload, limit, connection.channel.alloc());
      if (message == null) {
        throw tooLarge();
      }
      return message;
    } catch (DataFormatException e) {
      throw new CorruptedWebSocketFrameException(
          WebSocketCloseStatus.INVALID_PAYLOAD_DATA,
          "compressed data is malformed (expected: DEFLATE)");
    } finally {
      payload.release();
    }
  }

  private CorruptedWebSocketFrameException tooLarge() {
    return new CorruptedWebSocketFrameException(
        WebSocketCloseStatus.MESSAGE_TOO_BIG,
        "message is too large (expected: <= " + limit + " bytes)");
  }

  /** Whether the last message, or the one being received, is a text. */
  boolean isText() {
    return text;
  }

  /** What the fragments so far take. */
  int heldBytes() {
    return joined == null ? 0 : joined.capacity();
  }

  void release() {
    ByteBuf all = joined;
    joined = null;
    if (all != null) {
      all.release();
    }
  }
}
