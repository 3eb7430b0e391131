package dev.parley.testkit.upstream;

/**
 * A request with its whole body. A value.
 *
 * @param target path and query
 * @param key the credential it came with; empty without one
 */
record Request(String method, String target, String key, String body) {
  static final int MAX_BODY = 64 << 20;

  /** The key of an {@code Authorization} or {@code x-api-key} header. */
  static String key(CharSequence authorization, CharSequence apiKey) {
    String bearer = authorization.toString();
    return bearer.startsWith("Bearer ") ? bearer.substring(7) : apiKey.toString();
  }

  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }
}
