package dev.parley.wire.durable;

import dev.parley.stream.Quotable;
import dev.parley.transport.HttpError;
import org.jspecify.annotations.Nullable;

/**
 * A position as clients see it (Durable Streams §8): epoch and offset in decimal, zero-padded, so
 * that tokens of one stream sort as their positions do. A fork has its source's epoch, so the
 * tokens of a shared past are the same. Immutable; safe on any thread.
 */
public record OffsetToken(long epoch, long offset) {
  private static final int EPOCH_DIGITS = 10;
  private static final int OFFSET_DIGITS = 16;

  /** Ten and sixteen digits are ours; up to sixteen in the first part are read. */
  private static final int MAX_EPOCH_DIGITS = 16;

  /** The token that {@code text} is, or {@code null} when it is none. */
  public static @Nullable OffsetToken parse(String text) {
    int bar = text.indexOf('_');
    if (bar < EPOCH_DIGITS
        || bar > MAX_EPOCH_DIGITS
        || text.length() != bar + 1 + OFFSET_DIGITS
        || !digits(text, 0, bar)
        || !digits(text, bar + 1, text.length())) {
      return null;
    }
    return new OffsetToken(
        Long.parseLong(text, 0, bar, 10), Long.parseLong(text, bar + 1, text.length(), 10));
  }

  /**
   * The token that a client sent in {@code field}.
   *
   * @throws HttpError with status 400 when {@code text} is no token
   */
  static OffsetToken require(String field, String text) {
    OffsetToken token = parse(text);
    if (token == null) {
      throw Refusal.badRequest(
          "bad_offset",
          field
              + ": \""
              + Quotable.of(text)
              + "\" (expected: -1, now, or an offset given by this server)");
    }
    return token;
  }

  /** All zeros: the beginning of any stream, whatever its epoch. */
  public boolean isZero() {
    return epoch == 0 && offset == 0;
  }

  /** The token of an offset, without making an object of it. */
  public static String format(long epoch, long offset) {
    char[] text = new char[EPOCH_DIGITS + 1 + OFFSET_DIGITS];
    pad(text, 0, EPOCH_DIGITS, epoch);
    text[EPOCH_DIGITS] = '_';
    pad(text, EPOCH_DIGITS + 1, OFFSET_DIGITS, offset);
    return new String(text);
  }

  @Override
  public String toString() {
    return format(epoch, offset);
  }

  private static void pad(char[] text, int from, int digits, long value) {
    long rest = value;
    for (int i = from + digits - 1; i >= from; i--) {
      text[i] = (char) ('0' + rest % 10);
      rest /= 10;
    }
    assert rest == 0 : "offset token: " + value + " (expected: at most " + digits + " digits)";
  }

  private static boolean digits(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
    }
    return true;
  }
}
