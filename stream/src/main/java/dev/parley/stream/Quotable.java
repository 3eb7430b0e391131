package dev.parley.stream;

/** What somebody sent, as messages about it may show it. Stateless. */
public final class Quotable {
  private static final int LONGEST = 64;

  private Quotable() {}

  /** Cut short and made printable. */
  public static String of(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && i < LONGEST; i++) {
      char c = text.charAt(i);
      out.append(c < ' ' || c >= 0x7f ? '?' : c);
    }
    return text.length() > LONGEST ? out.append('…').toString() : out.toString();
  }
}
