package dev.parley.wire.durable;

import dev.parley.hub.Delivery;
import dev.parley.stream.Message;
import dev.parley.transport.SharedFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * Turns messages into events: each run of messages a {@code data} event, followed by its {@code
 * control} event (Durable Streams §5.8). Any thread; what it makes belongs to the event loop that
 * asked.
 */
final class SseEncoder {
  /** Keys of the two encodings that the followers of an event loop share. */
  private static final Object WHOLE = new Object();

  private static final Object PARTS = new Object();

  private static final byte[] DATA_EVENT = ascii("event: data\n");
  private static final byte[] CONTROL_EVENT = ascii("event: control\n");
  private static final byte[] DATA_LINE = ascii("data:");

  /** What one control event takes, and what one data event takes beside its payload. */
  private static final int OVERHEAD = 192;

  private final int eventBytes;
  private final Cursors cursors;
  private final Function<Delivery, SseBatch> whole = this::encodeWhole;
  private final Function<Delivery, SseBatch> parts = this::encodeParts;

  SseEncoder(int eventBytes, Cursors cursors) {
    this.eventBytes = eventBytes;
    this.cursors = cursors;
  }

  /** All events of a delivery in one frame, with the current cursor; made once per event loop. */
  SseBatch whole(Delivery delivery) {
    return delivery.encoded(WHOLE, whole);
  }

  /**
   * The data events of a delivery, a frame each, for those who need control events of their own;
   * made once per event loop.
   */
  SseBatch parts(Delivery delivery) {
    return delivery.encoded(PARTS, parts);
  }

  private SseBatch encodeWhole(Delivery delivery) {
    ContentKind kind = ContentKind.of(delivery.info().contentType());
    List<Message> messages = delivery.messages();
    long cursor = cursors.current();
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(estimate(kind, messages));
    try {
      for (int from = 0; from < messages.size(); ) {
        int to = endOfEvent(messages, from);
        writeData(out, kind, messages, from, to);
        boolean last = to == messages.size();
        writeControl(
            out,
            delivery.info().epoch(),
            messages.get(to - 1).offset(),
            cursor,
            last && delivery.upToDate(),
            last && SseBatch.ends(delivery));
        from = to;
      }
    } catch (RuntimeException e) {
      out.release();
      throw e;
    }
    return new SseBatch(cursor, List.of(SharedFrame.of(out)), List.of());
  }

  private SseBatch encodeParts(Delivery delivery) {
    ContentKind kind = ContentKind.of(delivery.info().contentType());
    List<Message> messages = delivery.messages();
    List<SharedFrame> frames = new ArrayList<>();
    List<Long> offsets = new ArrayList<>();
    for (int from = 0; from < messages.size(); ) {
      int to = endOfEvent(messages, from);
      ByteBuf out = ByteBufAllocator.DEFAULT.buffer(OVERHEAD);
      writeData(out, kind, messages, from, to);
      frames.add(SharedFrame.of(out));
      offsets.add(messages.get(to - 1).offset());
      from = to;
    }
    return new SseBatch(-1, frames, offsets);
  }

  /** A control event alone. */
  static ByteBuf control(long epoch, long offset, long cursor, boolean upToDate, boolean closed) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(OVERHEAD);
    writeControl(out, epoch, offset, cursor, upToDate, closed);
    return out;
  }

  /** Where the data event that begins at {@code from} ends: a bounded run, one message at least. */
  private int endOfEvent(List<Message> messages, int from) {
    int to = from + 1;
    long bytes = messages.get(from).bytes().length;
    while (to < messages.size()) {
      bytes += messages.get(to).bytes().length;
      if (bytes > eventBytes) {
        break;
      }
      to++;
    }
    return to;
  }

  private int estimate(ContentKind kind, List<Message> messages) {
    long bytes = MessageBytes.size(messages, 0, messages.size());
    long payload = kind == ContentKind.BINARY ? bytes * 4 / 3 : bytes + messages.size();
    return (int) Math.min(Integer.MAX_VALUE - 8, payload + OVERHEAD * (bytes / eventBytes + 1));
  }

  static void writeData(ByteBuf out, ContentKind kind, List<Message> messages, int from, int to) {
    out.writeBytes(DATA_EVENT).writeBytes(DATA_LINE);
    switch (kind) {
      case BINARY -> out.writeBytes(Base64.getEncoder().encode(joined(messages, from, to)));
      case JSON -> {
        out.writeByte('[');
        for (int i = from; i < to; i++) {
          if (i > from) {
            out.writeByte(',');
          }
          writeLines(out, messages.get(i).bytes(), false);
        }
        out.writeByte(']');
      }
      case TEXT -> {
        if (areUtf8(messages, from, to)) {
          boolean afterCr = false;
          for (int i = from; i < to; i++) {
            afterCr = writeLines(out, messages.get(i).bytes(), afterCr);
          }
        } else {
          // An event stream is UTF-8 (HTML §9.2.6). A character cut apart by messages of one event
          // is whole again here; what is none becomes U+FFFD, as a client would have it.
          String text = new String(joined(messages, from, to), StandardCharsets.UTF_8);
          writeLines(out, text.getBytes(StandardCharsets.UTF_8), false);
        }
      }
    }
    out.writeByte('\n').writeByte('\n');
  }

  /**
   * Writes text whose line breaks (CR LF, CR or LF; HTML §9.2.6) each begin a new data line, so
   * that no payload can end the event.
   *
   * @param afterCr whether the text before ended in CR
   * @return whether this one does
   */
  private static boolean writeLines(ByteBuf out, byte[] text, boolean afterCr) {
    int from = 0;
    boolean cr = afterCr;
    for (int i = 0; i < text.length; i++) {
      byte b = text[i];
      if (b == '\n' && cr) {
        from = i + 1;
        cr = false;
        continue;
      }
      cr = b == '\r';
      if (cr || b == '\n') {
        out.writeBytes(text, from, i - from).writeByte('\n').writeBytes(DATA_LINE);
        from = i + 1;
      }
    }
    out.writeBytes(text, from, text.length - from);
    return cr;
  }

  private static boolean areUtf8(List<Message> messages, int from, int to) {
    for (int i = from; i < to; i++) {
      if (!ByteBufUtil.isText(
          Unpooled.wrappedBuffer(messages.get(i).bytes()), StandardCharsets.UTF_8)) {
        return false;
      }
    }
    return true;
  }

  private static byte[] joined(List<Message> messages, int from, int to) {
    if (to == from + 1) {
      return messages.get(from).bytes();
    }
    byte[] all = new byte[MessageBytes.size(messages, from, to)];
    int at = 0;
    for (int i = from; i < to; i++) {
      byte[] bytes = messages.get(i).bytes();
      System.arraycopy(bytes, 0, all, at, bytes.length);
      at += bytes.length;
    }
    return all;
  }

  private static void writeControl(
      ByteBuf out, long epoch, long offset, long cursor, boolean upToDate, boolean closed) {
    out.writeBytes(CONTROL_EVENT).writeBytes(DATA_LINE);
    write(out, "{\"streamNextOffset\":\"");
    write(out, OffsetToken.format(epoch, offset));
    write(out, "\"");
    if (!closed) { // a client does not come back to a closed stream
      write(out, ",\"streamCursor\":\"");
      write(out, Long.toString(cursor));
      write(out, "\"");
    }
    if (upToDate || closed) {
      write(out, ",\"upToDate\":true");
    }
    if (closed) {
      write(out, ",\"streamClosed\":true");
    }
    write(out, "}\n\n");
  }

  private static void write(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
