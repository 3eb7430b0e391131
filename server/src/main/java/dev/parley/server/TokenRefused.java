package dev.parley.server;

/** A bearer token that does not count, and why, in words fit for its sender. */
final class TokenRefused extends Exception {
  private static final long serialVersionUID = 1L;

  TokenRefused(String reason) {
    super(reason, null, false, false);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
