package dev.parley.conversation;

import java.util.HashMap;
import java.util.Map;

/**
 * What a reply took in tokens, as its provider counts. Immutable.
 *
 * @param cachedInput those of {@code input} that came from a prefix cache
 * @param estimated whether a part of it is an {@link #estimate}
 * @param fallbacks the parts of it that others gave in place of the persona's own model
 */
public record Usage(
    long input, long cachedInput, long output, boolean estimated, Map<ModelRef, Usage> fallbacks) {
  public static final Usage NONE = new Usage(0, 0, 0);

  /** That of a provider which does not say. */
  public static final Usage UNKNOWN = new Usage(0, 0, 0, true);

  private static final int BYTES_OF_A_TOKEN = 4;

  public Usage {
    if (input < 0 || cachedInput < 0 || output < 0) {
      throw new IllegalArgumentException(
          "usage: " + input + ", " + cachedInput + ", " + output + " tokens (expected: each >= 0)");
    }
    fallbacks = Map.copyOf(fallbacks);
  }

  public Usage(long input, long cachedInput, long output, boolean estimated) {
    this(input, cachedInput, output, estimated, Map.of());
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

  /** The same, all of it given by that model in place of the persona's own. */
  public Usage by(ModelRef fallback) {
    return new Usage(input, cachedInput, output, estimated, Map.of(fallback, this));
  }

  /** What of it the persona's own model gave. */
  public Usage own() {
    Usage others = fallbacks.values().stream().reduce(NONE, Usage::plus);
    return new Usage(
        Math.max(0, input - others.input),
        Math.max(0, cachedInput - others.cachedInput),
        Math.max(0, output - others.output),
        estimated);
  }

  /** What both took. */
  public Usage plus(Usage other) {
    Map<ModelRef, Usage> both = new HashMap<>(fallbacks);
    other.fallbacks.forEach((by, took) -> both.merge(by, took, Usage::plus));
    return new Usage(
        sum(input, other.input),
        sum(cachedInput, other.cachedInput),
        sum(output, other.output),
        estimated || other.estimated,
        both);
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
