package dev.parley.transport;

import io.netty.buffer.ByteBuf;

/**
 * Bytes encoded once and sent to many: {@code body} as it is for HTTP/2, {@code chunk} framed for HTTP/1.1 chunked transfer
 * (RFC 9112 §7.1). Whoever made it releases it once; each write takes its own reference.
 */
public record SharedFrame(ByteBuf body, ByteBuf chunk) {
  public void release() {
    body.release();
    chunk.release();
  }
}
