package dev.parley.wire.rest;

import dev.parley.conversation.Refusal;
import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.budget.Span;
import dev.parley.conversation.budget.Spent;
import dev.parley.conversation.budget.Standing;
import dev.parley.conversation.budget.Whose;
import dev.parley.conversation.request.RequestRefused;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What replies took, and how budgets stand. On event loops. */
final class UsageRoutes {
  private static final int MOST_LINES = 1000;

  private static final Comparator<Spent> DEAREST_FIRST =
      Comparator.comparing(Spent::cost)
          .thenComparingLong(spent -> spent.usage().tokens())
          .reversed();

  private final Ledger ledger;
  private final InstantSource clock;

  UsageRoutes(Ledger ledger, InstantSource clock) {
    this.ledger = ledger;
    this.clock = clock;
  }

  List<Route> routes() {
    return List.of(Route.of("GET", "/api/usage", this::usage));
  }

  private void usage(Call call) {
    Instant now = clock.instant();
    Whose whose = new Whose(user(call), call.query("persona"));
    String period = call.query("period");
    Span span = period == null ? Span.of(Span.Length.MONTH, now) : Span.parse(period); // else 400
    if (span.begin().isBefore(ledger.oldest())) {
      throw RequestRefused.badField(
          "period: " + span.name() + " (expected: from " + ledger.oldest() + " on)");
    }
    ObjectNode answer = Json.object();
    answer
        .put("period", span.name())
        .put("from", span.start().toEpochMilli())
        .put("until", span.end().toEpochMilli());
    put(answer.putObject("total"), ledger.spent(span, whose));
    ArrayNode lines = answer.putArray("usage");
    ledger.each(span, whose).entrySet().stream()
        .sorted(Map.Entry.comparingByValue(DEAREST_FIRST))
        .limit(MOST_LINES)
        .forEach(each -> {
          ObjectNode line = lines.addObject();
          line.put("user", each.getKey().user()).put("persona", each.getKey().persona());
          put(line, each.getValue());
        });
    ArrayNode budgets = answer.putArray("budgets");
    if (whose.user() != null) {
      put(budgets, ledger.standings(new Whose(whose.user(), null), now));
    }
    if (whose.persona() != null && call.caller().mayAdministrate()) {
      put(budgets, ledger.standings(new Whose(null, whose.persona()), now));
    }
    Replies.send(call.response(), 200, answer);
  }

  /** Whose usage is asked for: one's own, or anybody's or everybody's for who administrates. */
  private static @Nullable String user(Call call) {
    String asked = call.query("user");
    if (call.caller().mayAdministrate()) {
      return asked;
    }
    String person = call.asker().person();
    if (asked != null && !asked.equals(person)) {
      throw RequestRefused.of(Refusal.FORBIDDEN, "the right admin on ** is needed");
    }
    return person;
  }

  private static void put(ObjectNode to, Spent spent) {
    to.put("replies", spent.replies())
        .put("estimated", spent.estimated())
        .put("input", spent.usage().input())
        .put("cachedInput", spent.usage().cachedInput())
        .put("output", spent.usage().output())
        .put("cost", spent.cost());
  }

  private static void put(ArrayNode to, List<Standing> standings) {
    for (Standing standing : standings) {
      ObjectNode budget = to.addObject();
      if (standing.whose().user() != null) {
        budget.put("user", standing.whose().user());
      } else {
        budget.put("persona", standing.whose().persona());
      }
      budget.put("period", standing.span().name());
      if (standing.budget().tokens() != Long.MAX_VALUE) {
        budget.put("tokens", standing.budget().tokens());
      }
      if (standing.budget().cost() != null) {
        budget.put("cost", standing.budget().cost());
      }
      budget
          .put("spentTokens", standing.spent().usage().tokens())
          .put("spentCost", standing.spent().cost())
          .put("until", standing.span().end().toEpochMilli());
    }
  }
}
