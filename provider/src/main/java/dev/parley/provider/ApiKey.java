package dev.parley.provider;

/**
 * The secret an upstream knows us by. Immutable; shows itself to nobody but the request's header.
 */
public final class ApiKey {
  /** For upstreams that ask for none. */
  public static final ApiKey NONE = new ApiKey("");

  private static final int LEAST_SCRUBBED = 4; // shorter ones would punch holes into plain words

  private final String secret;

  private ApiKey(String secret) {
    this.secret = secret;
  }

  /** As read from the environment or a file: white space around it is not part of it. */
  public static ApiKey of(String text) {
    String secret = text.strip();
    for (int i = 0; i < secret.length(); i++) {
      char c = secret.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new IllegalArgumentException(
            "provider.key: character " + (i + 1) + " (expected: printable ASCII without spaces)");
      }
    }
    return new ApiKey(secret);
  }

  public boolean isPresent() {
    return !secret.isEmpty();
  }

  /** For the header of a request and nothing else. */
  public String reveal() {
    return secret;
  }

  /** {@code text} without the secret, should an upstream have repeated it. */
  String scrub(String text) {
    return secret.length() < LEAST_SCRUBBED ? text : text.replace(secret, "***");
  }

  @Override
  public String toString() {
    return isPresent() ? "ApiKey[***]" : "ApiKey[none]";
  }
}
