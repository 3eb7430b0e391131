package dev.parley.stream;

import java.util.Locale;

/** Comparison of content types. Stateless. */
public final class ContentTypes {
  private ContentTypes() {}

  /**
   * Whether both name the same media type: letter case and parameters aside (RFC 9110 §8.3.1), as
   * Durable Streams compares them.
   */
  public static boolean same(String a, String b) {
    return a.equals(b) || mediaType(a).equals(mediaType(b));
  }

  private static String mediaType(String contentType) {
    int semicolon = contentType.indexOf(';');
    String bare = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
    return bare.strip().toLowerCase(Locale.ROOT);
  }
}
