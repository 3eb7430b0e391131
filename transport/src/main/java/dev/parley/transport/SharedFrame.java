package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * Bytes encoded once and sent to many: {@code body} as it is for HTTP/2, {@code chunk} framed for
 * HTTP/1.1 chunked transfer (RFC 9112 §7.1). Whoever made it releases it once; each write takes its
 * own reference. Any thread may read it, as long as nobody changes the buffers.
 */
public record SharedFrame(ByteBuf body, ByteBuf chunk) {
  /**
   * Frames {@code body}, which is copied once into direct memory and released; both views share
   * that one buffer. An empty body gives an empty frame, which writes skip: an empty chunk would
   * end the body.
   */
  public static SharedFrame of(ByteBuf body) {
    try {
      int size = body.readableBytes();
      if (size == 0) {
        return new SharedFrame(Unpooled.EMPTY_BUFFER, Unpooled.EMPTY_BUFFER);
      }
      ByteBuf chunk = ByteBufAllocator.DEFAULT.directBuffer(size + 12);
      chunk.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
      chunk.writeByte('\r').writeByte('\n');
      int start = chunk.writerIndex();
      chunk.writeBytes(body, body.readerIndex(), size);
      chunk.writeByte('\r').writeByte('\n');
      return new SharedFrame(chunk.retainedSlice(start, size), chunk);
    } finally {
      body.release();
    }
  }

  /** Gives up the maker's reference to both views. */
  public void release() {
    body.release();
    chunk.release();
  }
}
