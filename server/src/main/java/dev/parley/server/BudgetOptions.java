package dev.parley.server;

import dev.parley.conversation.budget.Budget;
import dev.parley.conversation.budget.Budgets;
import dev.parley.conversation.budget.Span;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Options of one budget, of a user or of a persona. Of several each holds; who is named has none of
 * those for each.
 *
 * @param user who asks; {@code *} for each who is not named
 * @param persona id of who is asked; {@code *} likewise
 * @param per day or month, in UTC
 * @param tokens the most, input and output
 * @param cost the most, in the currency of the prices
 */
record BudgetOptions(
    @Nullable String user,
    @Nullable String persona,
    Span.Length per,
    long tokens,
    @Nullable BigDecimal cost) {
  private static final String EACH = "*";

  static BudgetOptions defaults() {
    return new BudgetOptions(null, null, Span.Length.MONTH, Long.MAX_VALUE, null);
  }

  BudgetOptions {
    if (per == null) {
      throw new IllegalArgumentException("per: none (expected: day or month)");
    }
    if (user != null && persona != null) {
      throw new IllegalArgumentException(
          "persona: " + persona + " (expected: none beside a user; each has budgets of its own)");
    }
    var _ = new Budget(per, tokens, cost); // which checks
  }

  /** What is missing of it, {@code null} for nothing. */
  @Nullable String complaint() {
    if (user == null && persona == null) {
      return "user: none (expected: a user or a persona, * for each)";
    }
    return tokens == Long.MAX_VALUE && cost == null
        ? "tokens: unlimited (expected: a number, or a cost)"
        : null;
  }

  static Budgets all(List<BudgetOptions> options) {
    Map<String, List<Budget>> users = new HashMap<>();
    Map<String, List<Budget>> personas = new HashMap<>();
    for (BudgetOptions each : options) {
      Map<String, List<Budget>> side = each.user() != null ? users : personas;
      String name = String.valueOf(each.user() != null ? each.user() : each.persona());
      side.computeIfAbsent(name, _ -> new ArrayList<>())
          .add(new Budget(each.per(), each.tokens(), each.cost()));
    }
    List<Budget> eachUser = users.remove(EACH);
    List<Budget> eachPersona = personas.remove(EACH);
    return new Budgets(
        eachUser == null ? List.of() : eachUser,
        users,
        eachPersona == null ? List.of() : eachPersona,
        personas);
  }
}
