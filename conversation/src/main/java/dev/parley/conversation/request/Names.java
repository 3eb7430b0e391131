package dev.parley.conversation.request;

import java.security.SecureRandom;
import java.util.Base64;

/** Names of conversations, branches, turns and runs. Stateless. */
public final class Names {
  private static final SecureRandom RANDOM = new SecureRandom();

  private Names() {}

  /** A name that nobody guesses. */
  public static String fresh() {
    byte[] bits = new byte[16];
    RANDOM.nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** Whether a name can be one of ours; what cannot is not looked for. */
  public static boolean isName(String name) {
    return name.length() <= 64
        && !name.isEmpty()
        && name.chars()
            .allMatch(c ->
                (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '-');
  }
}
