package dev.parley.testkit.upstream;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong in the middle of a stream, and after which word. A value.
 *
 * @param after the number of the last word before it; 0 strikes before anything is written
 * @param again whether words are counted from the start of each answer, so that a continued reply
 *     meets it once more; else by their number in the whole reply
 */
record Fault(Kind kind, int after, boolean again) {
  /** Each is a key of the model's name: {@code stall-after} and so on. */
  enum Kind {
    /** Nothing more comes, and nothing ends. */
    STALL,
    /** Nothing more comes but comments, and nothing ends. */
    CHATTER,
    /** The answer is cut: a TCP reset over HTTP/1.1, RST_STREAM over HTTP/2. */
    CUT,
    /** The connection is reset, with all that it carries. */
    DIE,
    /** The answer ends in order, but says nothing of an end. */
    CLOSE,
    /** The connection is closed in order, inside of an answer. */
    TRUNCATE,
    /** An event that is neither JSON nor UTF-8; then the reply goes on. */
    GARBAGE,
    /** The provider's own event for an error; then the answer ends. */
    ERROR
  }

  static @Nullable Fault parse(Parameters parameters) {
    Fault found = parameters.flag("stall-first") ? new Fault(Kind.STALL, 0, true) : null;
    boolean again = parameters.flag("again");
    for (Kind kind : Kind.values()) {
      String key = kind.name().toLowerCase(Locale.ROOT) + "-after";
      int after = parameters.integer(key, -1, 0, Token.MAX_NUMBER);
      if (after >= 0 && found != null) {
        throw Parameters.wrong(key, String.valueOf(after), "one fault in a stream");
      } else if (after >= 0) {
        found = new Fault(kind, after, again);
      }
    }
    return found;
  }

  /**
   * @param number of the last word
   * @param start the number of the last word of the prefix; 0 without one
   */
  boolean strikes(int number, int start) {
    if (again) {
      return number - start == after;
    }
    return number == after && (number > start || start == 0);
  }
}
