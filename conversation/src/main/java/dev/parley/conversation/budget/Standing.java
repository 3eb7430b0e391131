package dev.parley.conversation.budget;

/**
 * How a budget stands.
 *
 * @param span the day or month that it is in
 */
public record Standing(Whose whose, Budget budget, Span span, Spent spent) {
  boolean isExhausted() {
    return budget.isExhausted(spent);
  }

  /** For people, and without names of prompts or keys. */
  String message() {
    boolean byTokens = spent.usage().tokens() >= budget.tokens();
    String sum =
        byTokens
            ? spent.usage().tokens() + " of " + budget.tokens() + " tokens"
            : "a cost of " + spent.cost().toPlainString() + " of " + budget.cost();
    return "The budget of "
        + whose
        + " for the "
        + (budget.per() == Span.Length.DAY ? "day " : "month ")
        + span.name()
        + " is spent: "
        + sum
        + ". The next one begins at "
        + span.end()
        + ".";
  }
}
