package dev.parley.provider.sse;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads {@code text/event-stream} (WHATWG HTML §9.2) from pieces cut anywhere. Confined to the
 * thread that feeds it.
 *
 * <p>One array holds the data of the event so far and, behind it, the line being read; a line of
 * data is moved up over its field name. {@code id} and {@code retry} serve reconnecting, which
 * nobody does with a POST, and are passed over like unknown fields.
 */
public final class EventStreamDecoder {
  /** What an event without a type is. */
  public static final String MESSAGE = "message";

  private static final int SMALL = 512;
  private static final int PIECE = 2048; // read at a time
  private static final int LARGEST_KEPT = 2 * PIECE;
  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] EVENT = "event".getBytes(StandardCharsets.US_ASCII);

  private final int maxEventBytes;
  private final Sink sink;
  private byte[] bytes = new byte[SMALL];
  private int dataEnd;
  private int lineEnd;
  private boolean hasData;
  private boolean started;
  private boolean afterCr;
  private String type = MESSAGE;
  private String lastType = MESSAGE; // most streams repeat a few: spares a string per event

  /** Hears events. */
  @FunctionalInterface
  public interface Sink {
    /**
     * One event.
     *
     * @param data UTF-8, valid during the call
     */
    void onEvent(String type, byte[] data, int length);
  }

  /**
   * A decoder at the start of a stream.
   *
   * @param maxEventBytes the most the data of one event and the line being read may be together
   */
  public EventStreamDecoder(int maxEventBytes, Sink sink) {
    if (maxEventBytes < 1) {
      throw new IllegalArgumentException("max-event-bytes: " + maxEventBytes + " (expected: >= 1)");
    }
    this.maxEventBytes = maxEventBytes;
    this.sink = sink;
  }

  /**
   * Reads all of {@code in}, which stays the caller's to release.
   *
   * @throws TooLongFrameException if an event is too long; nothing can be read after it
   */
  public void decode(ByteBuf in) {
    while (in.isReadable()) {
      int length = Math.min(in.readableBytes(), PIECE);
      int end = lineEnd + length;
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
      }
      in.readBytes(bytes, lineEnd, length);
      scan(end);
    }
    if (bytes.length > LARGEST_KEPT && lineEnd <= SMALL) {
      bytes = Arrays.copyOf(bytes, SMALL);
    }
  }

  /** Takes the lines that have ended out of what there is, and keeps the rest. */
  private void scan(int end) {
    int start = dataEnd;
    for (int at = lineEnd; at < end; at++) {
      byte b = bytes[at];
      if (b != '\n' && b != '\r') {
        continue;
      }
      if (b == '\r' || !afterCr || at > start) {
        requireRoom(at - start);
        onLine(start, at);
      }
      afterCr = b == '\r';
      start = at + 1;
    }
    requireRoom(end - start);
    System.arraycopy(bytes, start, bytes, dataEnd, end - start);
    lineEnd = dataEnd + end - start;
  }

  private void requireRoom(int line) {
    if (line > maxEventBytes - dataEnd) {
      throw new TooLongFrameException(
          "event: over " + maxEventBytes + " bytes (expected: at most " + maxEventBytes + ")");
    }
  }

  private void onLine(int from, int end) {
    int start = from;
    if (!started) {
      started = true;
      start += byteOrderMark(start, end);
    }
    if (start == end) {
      dispatch();
      return;
    }
    int colon = start;
    while (colon < end && bytes[colon] != ':') {
      colon++;
    }
    int value = Math.min(colon + 1, end);
    if (value < end && bytes[value] == ' ') {
      value++;
    }
    if (Arrays.equals(bytes, start, colon, DATA, 0, DATA.length)) {
      onData(value, end);
    } else if (Arrays.equals(bytes, start, colon, EVENT, 0, EVENT.length)) {
      onType(value, end);
    }
  }

  private int byteOrderMark(int start, int end) {
    boolean marked =
        end - start >= 3
            && bytes[start] == (byte) 0xEF
            && bytes[start + 1] == (byte) 0xBB
            && bytes[start + 2] == (byte) 0xBF;
    return marked ? 3 : 0;
  }

  /**
   * The field name is longer than the line feed between two lines, so moving up always has room.
   */
  private void onData(int value, int end) {
    if (hasData) {
      bytes[dataEnd++] = '\n';
    }
    hasData = true;
    int length = end - value;
    System.arraycopy(bytes, value, bytes, dataEnd, length);
    dataEnd += length;
  }

  private void onType(int value, int end) {
    int length = end - value;
    if (length == 0) {
      type = MESSAGE;
      return;
    }
    if (!isLastType(value, length)) {
      lastType = new String(bytes, value, length, StandardCharsets.UTF_8);
    }
    type = lastType;
  }

  private boolean isLastType(int value, int length) {
    if (lastType.length() != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (lastType.charAt(i) != bytes[value + i]) {
        return false;
      }
    }
    return true;
  }

  private void dispatch() {
    String of = type;
    int length = dataEnd;
    boolean any = hasData;
    type = MESSAGE;
    dataEnd = 0;
    hasData = false;
    if (any) {
      sink.onEvent(of, bytes, length);
    }
  }
}
