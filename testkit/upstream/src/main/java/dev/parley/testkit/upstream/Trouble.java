package dev.parley.testkit.upstream;

import org.jspecify.annotations.Nullable;

/**
 * Everything that a script lets go wrong. A value.
 *
 * @param status instead of a reply; 0 for none
 * @param retryAfter the header's value, as it is given
 * @param redirect where to; empty for a path of ours that counts who follows
 * @param html a web page where an answer was expected
 * @param notHttp bytes that are no HTTP, and the end of the connection
 * @param splitSeed of the sizes of the pieces; 0 for single bytes; null for no splitting
 */
record Trouble(
    @Nullable Fault fault,
    boolean stallsHead,
    int status,
    @Nullable String retryAfter,
    @Nullable String redirect,
    boolean html,
    boolean notHttp,
    @Nullable Flood flood,
    boolean empty,
    boolean twoDone,
    boolean contextTooLong,
    @Nullable Long splitSeed) {
  static final Trouble NONE =
      new Trouble(null, false, 0, null, null, false, false, null, false, false, false, null);

  /** What comes without an end, a gibibyte of it. */
  enum Flood {
    /** One line. */
    LINE,
    /** Words, as fast as they are read. */
    BODY
  }

  static Trouble parse(Parameters parameters) {
    return new Trouble(
        Fault.parse(parameters),
        parameters.flag("stall-head"),
        parameters.integer("status", 0, 400, 599),
        parameters.text("retry-after"),
        parameters.text("redirect"),
        parameters.flag("html"),
        parameters.flag("not-http"),
        flood(parameters.text("gigabyte")),
        parameters.flag("empty"),
        parameters.flag("two-done"),
        parameters.flag("context-too-long"),
        splitSeed(parameters.text("split")));
  }

  private static @Nullable Flood flood(@Nullable String value) {
    return switch (value) {
      case null -> null;
      case "", "line" -> Flood.LINE;
      case "body" -> Flood.BODY;
      default -> throw Parameters.wrong("gigabyte", value, "line or body");
    };
  }

  private static @Nullable Long splitSeed(@Nullable String value) {
    try {
      return value == null ? null : value.isEmpty() ? 0L : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          Parameters.wrong("split", value, "a seed").getMessage(), e);
    }
  }
}
