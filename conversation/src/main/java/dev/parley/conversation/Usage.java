package dev.parley.conversation;

/**
 * What a reply took in tokens, as its provider counts; all zero when it does not say.
 *
 * @param cachedInput those of {@code input} that came from a prefix cache
 */
public record Usage(long input, long cachedInput, long output) {
  public static final Usage NONE = new Usage(0, 0, 0);

  public Usage {
    if (input < 0 || cachedInput < 0 || output < 0) {
      throw new IllegalArgumentException(
          "usage: " + input + ", " + cachedInput + ", " + output + " tokens (expected: each >= 0)");
    }
  }

  /** What both took. */
  public Usage plus(Usage other) {
    return new Usage(input + other.input, cachedInput + other.cachedInput, output + other.output);
  }
}
