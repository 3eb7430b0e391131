package dev.parley.server;

import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.budget.Spent;
import dev.parley.telemetry.Family;
import dev.parley.telemetry.Labels;
import dev.parley.telemetry.Sample;
import dev.parley.telemetry.Telemetry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What replies took, by provider and persona and never by user: there are few of those. Safe on any
 * thread.
 */
final class UsageMetrics {
  private UsageMetrics() {}

  static void show(Telemetry telemetry, Ledger ledger) {
    telemetry.show(
        Family.counter("parley_tokens", "", "Tokens that replies took."),
        () -> {
          List<Sample> samples = new ArrayList<>();
          ledger
              .sinceStart()
              .forEach((series, spent) -> {
                long cached = Math.min(spent.usage().cachedInput(), spent.usage().input());
                samples.add(sample(series, "input", spent.usage().input() - cached));
                samples.add(sample(series, "cached-input", cached));
                samples.add(sample(series, "output", spent.usage().output()));
              });
          return samples;
        });
    show(
        telemetry,
        ledger,
        Family.counter("parley_cost", "", "What replies cost, in the currency of the prices."),
        spent -> spent.cost().doubleValue());
    show(
        telemetry,
        ledger,
        Family.counter(
            "parley_replies_estimated", "", "Replies whose tokens were estimated, not counted."),
        Spent::estimated);
    telemetry.show(
        Family.counter("parley_replies_over_budget", "", "Replies that a spent budget refused."),
        () -> List.of(new Sample(Labels.NONE, ledger.refused())));
  }

  private static void show(
      Telemetry telemetry, Ledger ledger, Family family, ToDoubleFunction<Spent> value) {
    telemetry.show(
        family,
        () ->
            ledger.sinceStart().entrySet().stream()
                .map(each ->
                    new Sample(
                        Labels.of(
                            "provider", each.getKey().provider(),
                            "persona", each.getKey().persona()),
                        value.applyAsDouble(each.getValue())))
                .toList());
  }

  private static Sample sample(Ledger.Series series, String kind, long tokens) {
    return new Sample(
        Labels.of("provider", series.provider(), "persona", series.persona(), "kind", kind),
        tokens);
  }
}
