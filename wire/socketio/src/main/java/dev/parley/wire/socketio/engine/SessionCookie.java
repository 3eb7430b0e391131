package dev.parley.wire.socketio.engine;

import java.util.regex.Pattern;

/**
 * The cookie that carries a session's id, for balancers that keep a client on one server. A value.
 */
public record SessionCookie(
    String name, String path, boolean httpOnly, SameSite sameSite, boolean secure) {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+"); // RFC 9110
  private static final Pattern PATH = Pattern.compile("/[!-:<-~]*"); // RFC 6265 §4.1.1

  /** To which requests from other sites a browser adds it. */
  public enum SameSite {
    STRICT("Strict"),
    LAX("Lax"),
    NONE("None");

    private final String attribute;

    SameSite(String attribute) {
      this.attribute = attribute;
    }
  }

  /** As the official server has it. */
  public static SessionCookie named(String name) {
    return new SessionCookie(name, "/", true, SameSite.LAX, false);
  }

  public SessionCookie {
    if (!TOKEN.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "cookie.name: " + name + " (expected: letters, digits and !#$%&'*+.^_`|~-)");
    }
    if (!PATH.matcher(path).matches()) {
      throw new IllegalArgumentException(
          "cookie.path: " + path + " (expected: a path that begins with /, without ;)");
    }
    if (sameSite == SameSite.NONE && !secure) {
      throw new IllegalArgumentException(
          "cookie.same-site: none (expected: cookie.secure with it, browsers refuse it otherwise)");
    }
  }

  /** The value of {@code Set-Cookie} (RFC 6265 §4.1). */
  String header(String sessionId) {
    return name
        + "="
        + sessionId
        + "; Path="
        + path
        + (httpOnly ? "; HttpOnly" : "")
        + "; SameSite="
        + sameSite.attribute
        + (secure ? "; Secure" : "");
  }
}
