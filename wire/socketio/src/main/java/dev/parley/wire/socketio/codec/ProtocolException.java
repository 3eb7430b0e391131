package dev.parley.wire.socketio.codec;

import java.nio.charset.StandardCharsets;

/**
 * Something on the wire that the protocols do not allow: where, what was there, what was expected.
 * The connection it came from is closed; nothing of the packet takes effect.
 */
public final class ProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int QUOTED = 48;

  private final String where;
  private final String what;
  private final String expected;

  public ProtocolException(String where, String what, String expected) {
    super(where + ": " + what + " (expected: " + expected + ")", null, false, false); // no trace
    this.where = where;
    this.what = what;
    this.expected = expected;
  }

  public String where() {
    return where;
  }

  public String what() {
    return what;
  }

  public String expected() {
    return expected;
  }

  /** What a client sent, cut short and made printable. */
  public static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length() && i < QUOTED; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c >= 0x7f ? '?' : c);
    }
    return out.append(text.length() > QUOTED ? "…\"" : "\"").toString();
  }

  public static String quoted(Slice bytes) {
    Slice head = bytes.slice(0, Math.min(bytes.length(), QUOTED + 1));
    return quoted(new String(head.toArray(), StandardCharsets.ISO_8859_1));
  }
}
