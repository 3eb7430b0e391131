package dev.parley.wire.aisdk;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * Names of turns, runs and branches that follow from what a page calls its messages: a request that
 * comes twice gives the same ones. Safe on any thread.
 */
final class Names {
  private static final Pattern CHOSEN = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final int LONGEST = 40; // of a message's name, to which more is added
  private static final String EDIT = "_edit_";
  private static final int EDIT_LENGTH = 11;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Names() {}

  static boolean isChosen(String name) {
    return CHOSEN.matcher(name).matches();
  }

  static String random() {
    byte[] bits = new byte[16];
    RANDOM.nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  /** One that follows from {@code of}. */
  static String derived(String of) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(of.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash).substring(0, 22);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The turn that a message of a page becomes. */
  static String turn(String message) {
    return message.length() <= LONGEST && isChosen(message) ? message : derived(message);
  }

  /** The turn that a message becomes which now says something else. */
  static String edited(String message, String content) {
    return turn(message) + EDIT + derived(content).substring(0, EDIT_LENGTH);
  }

  /** Whether a turn is a message, in any of its wordings. */
  static boolean isOf(String turn, String message) {
    return message(turn).equals(turn(message));
  }

  /** The message that a turn is, for the page: its wordings have one name. */
  static String message(String turn) {
    int at = turn.length() - EDIT_LENGTH - EDIT.length();
    return at > 0 && turn.startsWith(EDIT, at) ? turn.substring(0, at) : turn;
  }
}
