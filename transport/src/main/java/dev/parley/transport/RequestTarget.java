package dev.parley.transport;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request target taken apart (RFC 9112 §3.2).
 *
 * @param path decoded once
 * @param parameters names and values in turn, decoded
 * @param authority of the absolute form, which replaces the Host header (RFC 9112 §3.2.2)
 */
record RequestTarget(String path, List<String> parameters, @Nullable String authority) {
  /**
   * Takes a target apart.
   *
   * @throws IllegalArgumentException with a text for the client
   */
  static RequestTarget parse(String target) {
    if (target.equals("*")) {
      return new RequestTarget("*", List.of(), null);
    }
    int start = 0;
    String authority = null;
    if (!target.startsWith("/")) {
      start = afterScheme(target);
      int end = endOfAuthority(target, start);
      authority = target.substring(start, end);
      start = end;
    }
    int query = target.indexOf('?', start);
    String path =
        start == target.length() || start == query
            ? "/"
            : decode(target, start, query < 0 ? target.length() : query, false);
    refuseDotSegments(path);
    return new RequestTarget(
        path, query < 0 ? List.of() : parameters(target, query + 1), authority);
  }

  private static int afterScheme(String target) {
    int scheme =
        target.regionMatches(true, 0, "http://", 0, 7)
            ? 7
            : target.regionMatches(true, 0, "https://", 0, 8) ? 8 : 0;
    if (scheme == 0) {
      throw new IllegalArgumentException(
          "request target is malformed (expected: a path that begins with /)");
    }
    return scheme;
  }

  private static int endOfAuthority(String target, int start) {
    int end = start;
    while (end < target.length() && target.charAt(end) != '/' && target.charAt(end) != '?') {
      end++;
    }
    return end;
  }

  /**
   * Dot segments would let two texts name one resource behind the back of access rules (RFC 3986
   * §5.2.4).
   */
  private static void refuseDotSegments(String path) {
    int from = 0;
    while (from <= path.length()) {
      int slash = path.indexOf('/', from);
      int end = slash < 0 ? path.length() : slash;
      int length = end - from;
      if (length > 0 && length <= 2 && path.charAt(from) == '.' && path.charAt(end - 1) == '.') {
        throw new IllegalArgumentException("request target has a dot segment (expected: none)");
      }
      from = end + 1;
    }
  }

  private static List<String> parameters(String target, int start) {
    List<String> parameters = new ArrayList<>();
    int from = start;
    while (from < target.length()) {
      int amp = target.indexOf('&', from);
      int end = amp < 0 ? target.length() : amp;
      if (end > from) {
        int equals = target.indexOf('=', from);
        boolean bare = equals < 0 || equals > end;
        parameters.add(decode(target, from, bare ? end : equals, true));
        parameters.add(bare ? "" : decode(target, equals + 1, end, true));
      }
      from = end + 1;
    }
    return parameters;
  }

  private static String decode(String target, int start, int end, boolean form) {
    boolean plain = true;
    for (int i = start; i < end; i++) {
      char c = target.charAt(i);
      if (c <= 0x20 || c >= 0x7f || c == '#') {
        throw new IllegalArgumentException(
            "request target has a character that must be percent-encoded");
      }
      plain &= c != '%' && (c != '+' || !form);
    }
    return plain ? target.substring(start, end) : decodeEscapes(target, start, end, form);
  }

  private static String decodeEscapes(String target, int start, int end, boolean form) {
    ByteBuffer bytes = ByteBuffer.allocate(end - start);
    for (int i = start; i < end; i++) {
      char c = target.charAt(i);
      if (c != '%') {
        bytes.put((byte) (form && c == '+' ? ' ' : c));
        continue;
      }
      int high = i + 2 < end ? Character.digit(target.charAt(i + 1), 16) : -1;
      int low = i + 2 < end ? Character.digit(target.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        throw new IllegalArgumentException(
            "request target has a broken percent-escape (expected: a percent sign and two hex digits)");
      }
      bytes.put((byte) (high << 4 | low));
      i += 2;
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("request target is not valid UTF-8 once decoded", e);
    }
    if (text.chars().anyMatch(c -> form ? c == 0 : Character.isISOControl(c))) {
      throw new IllegalArgumentException("request target has a control character (expected: none)");
    }
    return text;
  }
}
