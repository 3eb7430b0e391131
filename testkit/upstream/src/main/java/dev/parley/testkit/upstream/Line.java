package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The bytes of an event around what changes in it, ready to be written many times. Immutable. */
final class Line {
  private static final char HOLE = '\0';

  private final byte[] head;
  private final byte[] tail;

  private Line(byte[] head, byte[] tail) {
    this.head = head;
    this.tail = tail;
  }

  /**
   * @param text with {@code \0} where the changing part goes
   */
  static Line around(String text) {
    int hole = text.indexOf(HOLE);
    return new Line(
        text.substring(0, hole).getBytes(StandardCharsets.UTF_8),
        text.substring(hole + 1).getBytes(StandardCharsets.UTF_8));
  }

  void write(ByteBuf out, ByteBuf middle) {
    out.writeBytes(head).writeBytes(middle, middle.readerIndex(), middle.readableBytes());
    out.writeBytes(tail);
  }
}
