package dev.parley.conversation;

/** What names of things may look like. */
final class Ids {
  static final int MAX_LENGTH = 64;
  static final int MAX_FOREIGN = 256;

  private Ids() {}

  /**
   * A name chosen by whoever sends a command: a segment of a path, and without a full stop, so that
   * it never meets a name that a run gives to its turns.
   */
  static String chosen(String key, String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH || !id.chars().allMatch(Ids::isPlain)) {
      throw new IllegalArgumentException(
          key + ": " + quoted(id) + " (expected: 1 to " + MAX_LENGTH + " of A-Z a-z 0-9 _ -)");
    }
    return id;
  }

  /** A name that comes from elsewhere: a token's subject, a model's call, a client's message. */
  static String foreign(String key, String id) {
    if (id.isEmpty() || id.length() > MAX_FOREIGN || id.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          key
              + ": "
              + quoted(id)
              + " (expected: 1 to "
              + MAX_FOREIGN
              + " characters, no control characters)");
    }
    return id;
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), 40); i++) {
      char c = text.charAt(i);
      quoted.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return quoted.append(text.length() > 40 ? "…\"" : "\"").toString();
  }

  private static boolean isPlain(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '_'
        || c == '-';
  }
}
