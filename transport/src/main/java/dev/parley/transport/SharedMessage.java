package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket message encoded once, header and all, and sent to many; compressed once too, when the
 * first socket asks that compresses. Whoever made it releases it once; each send takes its own
 * reference. Any thread may send it, as long as nobody changes the buffer.
 */
public final class SharedMessage {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int MAX_HEAD_BYTES = 10;

  private final int opcode;
  private final int size;
  private final boolean compress;
  private final ByteBuf plain;
  // Without context takeover the bytes are the same for all (RFC 7692 §7.1.1).
  private final AtomicReference<@Nullable ByteBuf> deflated = new AtomicReference<>();

  private SharedMessage(int opcode, int size, boolean compress, ByteBuf plain) {
    this.opcode = opcode;
    this.size = size;
    this.compress = compress;
    this.plain = plain;
  }

  /** Frames a text encoded in UTF-8, which is copied once into direct memory and released. */
  public static SharedMessage text(ByteBuf utf8) {
    return text(utf8, true);
  }

  /** The same, compressed only on demand. */
  public static SharedMessage text(ByteBuf utf8, boolean compress) {
    return of(TEXT, utf8, compress);
  }

  /** Frames bytes, which are copied once into direct memory and released. */
  public static SharedMessage binary(ByteBuf bytes) {
    return binary(bytes, true);
  }

  /** The same, compressed only on demand. */
  public static SharedMessage binary(ByteBuf bytes, boolean compress) {
    return of(BINARY, bytes, compress);
  }

  private static SharedMessage of(int opcode, ByteBuf payload, boolean compress) {
    try {
      int size = payload.readableBytes();
      return new SharedMessage(opcode, size, compress, frame(opcode, false, payload));
    } finally {
      payload.release();
    }
  }

  private static ByteBuf frame(int opcode, boolean deflated, ByteBuf payload) {
    int size = payload.readableBytes();
    ByteBuf frame = ByteBufAllocator.DEFAULT.directBuffer(MAX_HEAD_BYTES + size);
    writeHead(frame, opcode, deflated, size);
    return frame.writeBytes(payload, payload.readerIndex(), size);
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

  /** Bytes of the message itself. */
  int size() {
    return size;
  }

  /** Whether a socket that compresses messages of this size shall compress this one. */
  boolean compresses() {
    return compress;
  }

  /** The frame as it is, with a reference of its own. */
  ByteBuf plainFrame() {
    return plain.retainedDuplicate();
  }

  /** The frame with the message compressed, with a reference of its own. */
  ByteBuf deflatedFrame(MessageDeflate deflate) {
    ByteBuf made = deflated.get();
    if (made == null) {
      made = deflate(deflate);
    }
    return made.retainedDuplicate();
  }

  /** Two loops may both compress it; then one result goes. */
  private ByteBuf deflate(MessageDeflate deflate) {
    ByteBuf payload =
        deflate.deflate(plain.slice(plain.writerIndex() - size, size), ByteBufAllocator.DEFAULT);
    ByteBuf frame;
    try {
      frame = frame(opcode, true, payload);
    } finally {
      payload.release();
    }
    ByteBuf earlier = deflated.compareAndExchange(null, frame);
    if (earlier == null) {
      return frame;
    }
    frame.release();
    return earlier;
  }

  /** The maker's reference and one for each write that is not through. */
  int references() {
    return plain.refCnt();
  }

  /** Gives up the maker's reference. */
  public void release() {
    plain.release();
    ByteBuf made = deflated.get();
    if (made != null) {
      made.release();
    }
  }
}
