package dev.parley.conversation.budget;

import dev.parley.conversation.Usage;
import java.math.BigDecimal;

/** What a million tokens cost; cached input is a part of the input. */
public record Price(BigDecimal input, BigDecimal cachedInput, BigDecimal output) {
  public static final Price FREE = new Price(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

  public Price {
    require("input", input);
    require("cached-input", cachedInput);
    require("output", output);
  }

  private static void require(String key, BigDecimal value) {
    if (value.signum() < 0) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: >= 0)");
    }
  }

  /** Exact, however small. */
  BigDecimal of(Usage usage) {
    long cached = Math.min(usage.cachedInput(), usage.input());
    return input
        .multiply(BigDecimal.valueOf(usage.input() - cached))
        .add(cachedInput.multiply(BigDecimal.valueOf(cached)))
        .add(output.multiply(BigDecimal.valueOf(usage.output())))
        .movePointLeft(6);
  }
}
