package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Compresses messages as permessage-deflate does without context takeover (RFC 7692 §7.2). One
 * serves all sockets of a loop, since none keeps a window between its messages. Confined to that
 * loop.
 */
final class MessageDeflate {
  private static final int TAIL_BYTES = 4; // 00 00 FF FF, left out on the wire, RFC 7692 §7.2.1

  /** The tail, then an empty final block: data that does not end with it breaks off in a block. */
  private static final byte[] END = {0, 0, -1, -1, 1, 0, 0, -1, -1};

  private static final int LEAST_BYTES = 256;

  private final Inflater inflater = new Inflater(true);
  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);

  /** The compressed message; {@code message} stays the caller's. */
  ByteBuf deflate(ByteBuf message, ByteBufAllocator alloc) {
    ByteBuf out = alloc.directBuffer(Math.max(LEAST_BYTES, message.readableBytes() / 2));
    deflater.reset();
    deflater.setInput(message.nioBuffer());
    int written;
    int room;
    do {
      out.ensureWritable(LEAST_BYTES);
      room = out.writableBytes();
      written = deflater.deflate(room(out), Deflater.SYNC_FLUSH);
      out.writerIndex(out.writerIndex() + written);
    } while (written == room);
    return out.writerIndex(out.writerIndex() - TAIL_BYTES);
  }

  /**
   * The message; {@code compressed} stays the caller's. {@code null} when it has more than {@code
   * limit} bytes, of which no more are inflated.
   */
  @Nullable ByteBuf inflate(ByteBuf compressed, int limit, ByteBufAllocator alloc)
      throws DataFormatException {
    int guess = Math.max(LEAST_BYTES, 2 * Math.min(compressed.readableBytes(), limit / 2));
    ByteBuf out = alloc.directBuffer(Math.min(guess, limit + 1), limit + 1);
    boolean whole = false;
    try {
      inflater.reset();
      whole = inflate(compressed.nioBuffer(), out, limit);
      return whole ? out : null;
    } finally {
      if (!whole) {
        out.release();
      }
    }
  }

  private boolean inflate(ByteBuffer in, ByteBuf out, int limit) throws DataFormatException {
    if (!in.hasRemaining()) {
      return true; // what zlib makes of nothing when it was flushed just before
    }
    inflater.setInput(in);
    boolean ending = false;
    while (true) {
      if (!out.isWritable()) {
        out.ensureWritable(Math.min(out.capacity(), out.maxCapacity() - out.capacity()));
      }
      int read = inflater.inflate(room(out));
      out.writerIndex(out.writerIndex() + read);
      if (out.readableBytes() > limit) {
        return false;
      }
      if (inflater.finished()) {
        if (inflater.getRemaining() == 0) {
          return true; // also when the data's own last block is a final one, RFC 7692 §7.2.3.4
        }
        if (ending) {
          throw new DataFormatException("breaks off");
        }
        inflater.reset(); // a final block ends neither the message nor its data, RFC 7692 §7.2.1
        inflater.setInput(in);
      } else if (read == 0) {
        if (ending || !inflater.needsInput()) {
          throw new DataFormatException(ending ? "breaks off" : "needs a dictionary");
        }
        ending = true;
        inflater.setInput(END);
      }
    }
  }

  private static ByteBuffer room(ByteBuf out) {
    return out.internalNioBuffer(out.writerIndex(), out.writableBytes());
  }
}
