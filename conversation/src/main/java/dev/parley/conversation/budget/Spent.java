package dev.parley.conversation.budget;

import dev.parley.conversation.Usage;
import java.math.BigDecimal;

/**
 * What a number of replies took.
 *
 * @param estimated those of them whose usage is estimated, at least in part
 */
public record Spent(long replies, long estimated, Usage usage, BigDecimal cost) {
  public static final Spent NOTHING = new Spent(0, 0, Usage.NONE, BigDecimal.ZERO);

  public Spent {
    cost = cost.stripTrailingZeros(); // equal sums are equal
    cost = cost.scale() < 0 ? cost.setScale(0) : cost; // and 20 is not written as 2E+1
  }

  /**
   * What one record tells.
   *
   * @param first of its reply, which counts once
   */
  static Spent on(Spending one, boolean first) {
    return new Spent(
        first ? 1 : 0, first && one.usage().estimated() ? 1 : 0, one.usage(), one.cost());
  }

  Spent plus(Spent more) {
    return new Spent(
        replies + more.replies,
        estimated + more.estimated,
        usage.plus(more.usage),
        cost.add(more.cost));
  }
}
