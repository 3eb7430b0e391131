package dev.parley.server;

import dev.parley.transport.Request;
import org.jspecify.annotations.Nullable;

/** Finds the token of a request. Stateless. */
final class Bearer {
  private Bearer() {}

  /**
   * From {@code Authorization} (RFC 6750 §2.1), or else from {@code access_token} in the query
   * (§2.3), which is all that EventSource in a browser can send.
   */
  static @Nullable String of(Request request) {
    String authorization = request.header("authorization");
    if (authorization != null) {
      return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
          ? authorization.substring(7).strip()
          : "";
    }
    return request.query("access_token");
  }
}
