package dev.parley.wire.durable;

/** A place in a stream as a client names it (Durable Streams §8). */
sealed interface Position {
  /** {@code -1}: before the oldest message kept. */
  record Beginning() implements Position {}

  /** {@code now}: after the newest. */
  record Tail() implements Position {}

  /** After the message the token stands for. */
  record At(OffsetToken token) implements Position {}

  static Position parse(String field, String text) {
    return switch (text) {
      case "-1" -> new Beginning();
      case "now" -> new Tail();
      default -> new At(OffsetToken.require(field, text));
    };
  }
}
