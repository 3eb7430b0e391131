package dev.parley.conversation.budget;

import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What was spent, by day and month, by user and persona: the same in whatever order replies end.
 * Safe on any thread; a sum is replaced as a whole.
 */
final class Tally {
  private final Map<Span, Map<Whose, Spent>> spans = new ConcurrentHashMap<>();

  /**
   * Adds a record.
   *
   * @param first of its reply
   */
  void add(Spending spending, boolean first) {
    Spent one = Spent.on(spending, first);
    String user = spending.asked().user();
    String persona = spending.asked().persona();
    List<Whose> all =
        List.of(
            new Whose(user, persona),
            new Whose(user, null),
            new Whose(null, persona),
            new Whose(null, null));
    for (Span.Length length : Span.Length.values()) {
      Span span = Span.of(length, Instant.ofEpochMilli(spending.at()));
      Map<Whose, Spent> sums = spans.computeIfAbsent(span, _ -> new ConcurrentHashMap<>());
      all.forEach(whose -> sums.merge(whose, one, Spent::plus));
    }
  }

  /** What began before that day. */
  void forgetBefore(LocalDate day) {
    spans.keySet().removeIf(span -> span.begin().isBefore(day));
  }

  Spent of(Span span, Whose whose) {
    return spans.getOrDefault(span, Map.of()).getOrDefault(whose, Spent.NOTHING);
  }

  /** Each user with each persona that they asked, of those that {@code whose} includes. */
  Map<Whose, Spent> each(Span span, Whose whose) {
    Map<Whose, Spent> found = new HashMap<>();
    spans
        .getOrDefault(span, Map.of())
        .forEach((key, spent) -> {
          if (key.user() != null && key.persona() != null && whose.includes(key)) {
            found.put(key, spent);
          }
        });
    return found;
  }
}
