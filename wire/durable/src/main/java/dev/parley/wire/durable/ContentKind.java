package dev.parley.wire.durable;

import dev.parley.stream.Quotable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How a content type is framed on this wire (Durable Streams §5.8, §9). */
enum ContentKind {
  /** Messages are JSON values; answers are arrays of them. */
  JSON,
  /** Bytes, shown to SSE clients as text. */
  TEXT,
  /** Bytes, shown to SSE clients in base64. */
  BINARY;

  static final String DEFAULT_TYPE = "application/octet-stream";
  private static final int MAX_TYPE_LENGTH = 256;

  static ContentKind of(String contentType) {
    int end = contentType.indexOf(';');
    String essence = (end < 0 ? contentType : contentType.substring(0, end)).strip();
    if (essence.equalsIgnoreCase("application/json")) {
      return JSON;
    }
    return essence.regionMatches(true, 0, "text/", 0, 5) ? TEXT : BINARY;
  }

  /**
   * A {@code Content-Type} as it is kept: type and subtype in lower case, parameters as sent (RFC
   * 9110 §8.3.1); {@code null} when absent.
   */
  static @Nullable String normalize(@Nullable String header) {
    if (header == null || header.isBlank()) {
      return null;
    }
    String text = header.strip();
    int end = text.indexOf(';');
    String essence = (end < 0 ? text : text.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    int slash = essence.indexOf('/');
    if (text.length() > MAX_TYPE_LENGTH
        || slash < 1
        || slash == essence.length() - 1
        || !isToken(essence, slash)
        || !isPrintable(text)) {
      throw Refusal.badRequest(
          "bad_content_type",
          "content-type: \"" + Quotable.of(text) + "\" (expected: type/subtype)");
    }
    return end < 0 ? essence : essence + "; " + text.substring(end + 1).strip();
  }

  private static boolean isToken(String essence, int slash) {
    for (int i = 0; i < essence.length(); i++) {
      char c = essence.charAt(i);
      boolean tchar =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
      if (!tchar && i != slash) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPrintable(String text) {
    return text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }
}
