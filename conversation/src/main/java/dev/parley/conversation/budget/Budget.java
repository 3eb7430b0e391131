package dev.parley.conversation.budget;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * The most that may be spent in each day or month.
 *
 * @param tokens input and output; {@link Long#MAX_VALUE} for any number
 * @param cost in the currency of the prices, or {@code null} for any
 */
public record Budget(Span.Length per, long tokens, @Nullable BigDecimal cost) {
  public Budget {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens: " + tokens + " (expected: >= 0)");
    }
    if (cost != null && cost.signum() < 0) {
      throw new IllegalArgumentException("cost: " + cost + " (expected: >= 0)");
    }
  }

  boolean isExhausted(Spent spent) {
    return spent.usage().tokens() >= tokens || (cost != null && spent.cost().compareTo(cost) >= 0);
  }
}
