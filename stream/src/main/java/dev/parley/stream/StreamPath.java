package dev.parley.stream;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The address of a stream: one or more segments joined by {@code /}, at most {@value #MAX_BYTES}
 * bytes of UTF-8. A segment is never empty, {@code .} or {@code ..}, and holds no control
 * characters, so a path is safe in URLs, logs and metrics.
 */
public record StreamPath(String value) implements Comparable<StreamPath> {
  public static final int MAX_BYTES = 1024;

  /**
   * @throws IllegalArgumentException with a sentence fit for the client when {@code value} is no
   *     path
   */
  public StreamPath {
    if (value.isEmpty()) {
      throw new IllegalArgumentException("stream path: empty (expected: at least one segment)");
    }
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "stream path: " + bytes + " bytes (expected: <= " + MAX_BYTES + ")");
    }
    int start = 0;
    for (int i = 0; i <= value.length(); i++) {
      char c = i < value.length() ? value.charAt(i) : '/';
      if (c == '/') {
        refuseSegment(value, start, i);
        start = i + 1;
      } else if (Character.isISOControl(c) || c == '\uFFFD' || isLoneSurrogate(value, i)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "stream path: character U+%04X at %d (expected: no control or invalid characters)",
                (int) c,
                i));
      }
    }
  }

  public static StreamPath of(String value) {
    return new StreamPath(value);
  }

  private static void refuseSegment(String value, int start, int end) {
    int length = end - start;
    if (length == 0) {
      throw new IllegalArgumentException(
          "stream path: empty segment at " + start + " (expected: a name between slashes)");
    }
    if (length <= 2 && value.charAt(start) == '.' && value.charAt(end - 1) == '.') {
      throw new IllegalArgumentException(
          "stream path: segment \"" + value.substring(start, end) + "\" (expected: a name)");
    }
  }

  private static boolean isLoneSurrogate(String value, int i) {
    char c = value.charAt(i);
    if (Character.isHighSurrogate(c)) {
      return i + 1 >= value.length() || !Character.isLowSurrogate(value.charAt(i + 1));
    }
    return Character.isLowSurrogate(c)
        && (i == 0 || !Character.isHighSurrogate(value.charAt(i - 1)));
  }

  @Override
  public int compareTo(StreamPath other) {
    return compare(value, other.value);
  }

  /**
   * Path order: that of the UTF-8 bytes, so that it is the same in every store. {@link
   * String#compareTo} would put U+10000 before U+E000.
   */
  public static int compare(String a, String b) {
    int end = Math.min(a.length(), b.length());
    for (int i = 0; i < end; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean surrogate = Character.isSurrogate(x);
        return surrogate == Character.isSurrogate(y) ? Character.compare(x, y) : surrogate ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  @Override
  public String toString() {
    return value;
  }
}
