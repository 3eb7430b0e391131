package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A WebSocket message encoded once, header and all, and sent to many. Whoever made it releases it
 * once; each send takes its own reference. Any thread may read it, as long as nobody changes the
 * buffer.
 */
public record SharedMessage(ByteBuf frame) {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int MAX_HEAD_BYTES = 10;

  /** Frames a text encoded in UTF-8, which is copied once into direct memory and released. */
  public static SharedMessage text(ByteBuf utf8) {
    return of(TEXT, utf8);
  }

  /** Frames bytes, which are copied once into direct memory and released. */
  public static SharedMessage binary(ByteBuf bytes) {
    return of(BINARY, bytes);
  }

  private static SharedMessage of(int opcode, ByteBuf payload) {
    try {
      int size = payload.readableBytes();
      ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer(MAX_HEAD_BYTES + size);
      writeHead(frame, opcode, false, size);
      frame.writeBytes(payload, payload.readerIndex(), size);
      return new SharedMessage(frame);
    } finally {
      payload.release();
    }
  }

  /** Writes the head of a frame that is a whole message (RFC 6455 §5.2). */
  static void writeHead(ByteBuf out, int opcode, boolean deflated, int size) {
    out.writeByte((deflated ? 0xC0 : 0x80) | opcode);
    if (size < 126) {
      out.writeByte(size);
    } else if (size < 1 << 16) {
      out.writeByte(126).writeShort(size);
    } else {
      out.writeByte(127).writeLong(size);
    }
  }

  /** Gives up the maker's reference. */
  public void release() {
    frame.release();
  }
}
