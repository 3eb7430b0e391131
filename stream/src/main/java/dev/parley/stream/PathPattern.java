package dev.parley.stream;

/**
 * A glob over stream paths: {@code *} stands for any run of characters inside one segment, {@code
 * **} as a whole segment for any number of segments, none included. Used for rights, options per
 * path and subscriptions.
 */
public record PathPattern(String value) {
  public PathPattern {
    if (value.isEmpty() || value.startsWith("/") || value.endsWith("/") || value.contains("//")) {
      throw new IllegalArgumentException(
          "path pattern: \"" + value + "\" (expected: segments joined by /, as in chat/* or **)");
    }
  }

  public static PathPattern of(String value) {
    return new PathPattern(value);
  }

  public boolean matches(StreamPath path) {
    return matches(path.value());
  }

  /** Whether {@code path} (segments joined by {@code /}) is covered. Allocates nothing. */
  public boolean matches(String path) {
    // Greedy with one backtrack point: a later ** makes an earlier one's choice final, so there is
    // nothing exponential to walk into. A segment starts at p and s; past the end is length + 1.
    int p = 0;
    int s = 0;
    int afterStar = -1;
    int starred = -1;
    while (s <= path.length()) {
      int end = segmentEnd(path, s);
      if (isDoubleStar(p)) {
        p += 3;
        afterStar = p;
        starred = s;
      } else if (p <= value.length() && segmentMatches(p, segmentEnd(value, p), path, s, end)) {
        p = segmentEnd(value, p) + 1;
        s = end + 1;
      } else if (afterStar >= 0) {
        p = afterStar;
        starred = segmentEnd(path, starred) + 1;
        s = starred;
      } else {
        return false;
      }
    }
    while (isDoubleStar(p)) {
      p += 3;
    }
    return p > value.length();
  }

  private boolean isDoubleStar(int p) {
    return p < value.length() && segmentEnd(value, p) == p + 2 && value.startsWith("**", p);
  }

  private static int segmentEnd(String text, int from) {
    int slash = text.indexOf('/', from);
    return slash < 0 ? text.length() : slash;
  }

  private boolean segmentMatches(int globStart, int globEnd, String path, int start, int end) {
    int g = globStart;
    int s = start;
    int afterStar = -1;
    int mark = -1;
    while (s < end) {
      if (g < globEnd && value.charAt(g) == '*') {
        afterStar = ++g;
        mark = s;
      } else if (g < globEnd && value.charAt(g) == path.charAt(s)) {
        g++;
        s++;
      } else if (afterStar >= 0) {
        g = afterStar;
        s = ++mark;
      } else {
        return false;
      }
    }
    while (g < globEnd && value.charAt(g) == '*') {
      g++;
    }
    return g == globEnd;
  }
}
