package dev.parley.wire.durable.subscription;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a cursor stands: a stream's epoch and the offset of the last message seen. */
record Position(long epoch, long offset) {
  private static final int EPOCH_DIGITS = 10;
  private static final int LENGTH = 27;

  static String token(long epoch, long offset) {
    return String.format(Locale.ROOT, "%010d_%016d", epoch, offset);
  }

  String token() {
    return token(epoch, offset);
  }

  /** Reads a token, or {@code null} when it is none. */
  static @Nullable Position parse(String token) {
    if (token.length() != LENGTH || token.charAt(EPOCH_DIGITS) != '_') {
      return null;
    }
    for (int i = 0; i < LENGTH; i++) {
      char c = token.charAt(i);
      if (i != EPOCH_DIGITS && (c < '0' || c > '9')) {
        return null;
      }
    }
    return new Position(
        Long.parseLong(token, 0, EPOCH_DIGITS, 10),
        Long.parseLong(token, EPOCH_DIGITS + 1, LENGTH, 10));
  }
}
