package dev.parley.wire.openai;

import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Names of what requests bring about. A run that has a conversation made for it carries the name of
 * that in its own, so that it is found when its stream has expired. Stateless.
 */
final class Ids {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String CONVERSATION = "conv_";
  private static final int LENGTH = 22; // 128 bits

  private Ids() {}

  private static String random() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  static String conversation() {
    return CONVERSATION + random();
  }

  static String turn() {
    return "turn_" + random();
  }

  static String run(Inquiry.Api api, String conversation) {
    boolean ours =
        conversation.startsWith(CONVERSATION)
            && conversation.length() == CONVERSATION.length() + LENGTH;
    return api.prefix() + (ours ? conversation.substring(CONVERSATION.length()) : "") + random();
  }

  /** The conversation that a run was made with or went on in, {@code null} when it does not say. */
  static @Nullable String conversationOf(String run) {
    if (!run.matches("[A-Za-z0-9_-]+")) {
      return null;
    }
    for (Inquiry.Api api : Inquiry.Api.values()) {
      int start = api.prefix().length();
      if (run.startsWith(api.prefix()) && run.length() == start + 2 * LENGTH) {
        return CONVERSATION + run.substring(start, start + LENGTH);
      }
    }
    return null;
  }
}
