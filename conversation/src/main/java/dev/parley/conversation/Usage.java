package dev.parley.conversation;

/**
 * What a reply took in tokens, as its provider counts.
 *
 * @param cachedInput those of {@code input} that came from a prefix cache
 * @param estimated whether a part of it is an {@link #estimate}
 */
public record Usage(long input, long cachedInput, long output, boolean estimated) {
  public static final Usage NONE = new Usage(0, 0, 0);

  /** That of a provider which does not say. */
  public static final Usage UNKNOWN = new Usage(0, 0, 0, true);

  private static final int BYTES_OF_A_TOKEN = 4;

  public Usage {
    if (input < 0 || cachedInput < 0 || output < 0) {
      throw new IllegalArgumentException(
          "usage: " + input + ", " + cachedInput + ", " + output + " tokens (expected: each >= 0)");
    }
  }

  /** As its provider counts. */
  public Usage(long input, long cachedInput, long output) {
    this(input, cachedInput, output, false);
  }

  /** What it probably was where nobody counted: a token for every four bytes of UTF-8. */
  public static Usage estimate(long inputBytes, long outputBytes) {
    return new Usage(
        Math.ceilDiv(inputBytes, BYTES_OF_A_TOKEN),
        0,
        Math.ceilDiv(outputBytes, BYTES_OF_A_TOKEN),
        true);
  }

  /** What both took. */
  public Usage plus(Usage other) {
    return new Usage(
        sum(input, other.input),
        sum(cachedInput, other.cachedInput),
        sum(output, other.output),
        estimated || other.estimated);
  }

  /** Input and output. */
  public long tokens() {
    return sum(input, output);
  }

  /** An upstream that counts nonsense makes no sum negative. */
  private static long sum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}
