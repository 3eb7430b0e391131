package dev.parley.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.conversation.budget.Budget;
import dev.parley.conversation.budget.Budgets;
import dev.parley.conversation.budget.Price;
import dev.parley.conversation.budget.PriceList;
import dev.parley.conversation.budget.Span;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Providers and personas in the configuration. */
final class AnsweringConfigTest {
  private static ServerConfig config(String... keysAndValues) {
    List<Setting> settings = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      settings.add(new Setting(keysAndValues[i], keysAndValues[i + 1], "test"));
    }
    return Configuration.load(null, Map.of(), settings).config();
  }

  @Test
  void aProviderAndAPersonaAreSetByTheirKeys() {
    ServerConfig config =
        config(
            "providers[0].name", "model",
            "providers[0].dialect", "openai-compatible",
            "providers[0].url", "http://localhost:9/v1",
            "providers[0].running", "7",
            "personas[0].id", "guide",
            "personas[0].model", "m",
            "personas[0].provider", "model",
            "personas[0].parameters", "{\"temperature\":0.5}",
            "personas[0].tools", "[{\"name\":\"buy\",\"approval\":true}]");

    assertThat(config.providers().getFirst().slots().running()).isEqualTo(7);
    assertThat(config.providers().getFirst().slots().runningPerUser()).isEqualTo(7);
    assertThat(config.personas().getFirst().persona().parameters().temperature()).isEqualTo(0.5);
    assertThat(config.personas().getFirst().persona().tools().getFirst().needsApproval()).isTrue();
    assertThat(config.personas().getFirst().persona().name()).isEqualTo("guide");
  }

  @Test
  void pricesAndBudgetsAreSetByTheirKeys() {
    ServerConfig config =
        config(
            "providers[0].name", "model",
            "providers[0].url", "http://localhost:9/v1",
            "prices[0].provider", "model",
            "prices[0].input", "1.25",
            "prices[0].output", "10",
            "budgets[0].user", "*",
            "budgets[0].per", "day",
            "budgets[0].tokens", "100_000",
            "budgets[1].user", "ann",
            "budgets[1].cost", "20.50",
            "budgets[2].persona", "guide",
            "budgets[2].tokens", "1000000");

    Price price = new Price(new BigDecimal("1.25"), new BigDecimal("1.25"), BigDecimal.TEN);
    assertThat(PriceOptions.list(config.prices()))
        .isEqualTo(new PriceList(Map.of(new PriceList.Of("model", null), price)));
    assertThat(BudgetOptions.all(config.budgets()))
        .isEqualTo(
            new Budgets(
                List.of(new Budget(Span.Length.DAY, 100_000, null)),
                Map.of(
                    "ann",
                    List.of(
                        new Budget(Span.Length.MONTH, Long.MAX_VALUE, new BigDecimal("20.50")))),
                List.of(),
                Map.of("guide", List.of(new Budget(Span.Length.MONTH, 1_000_000, null)))));
  }

  @Test
  void aPriceOrBudgetThatCannotBeMeantIsRefused() {
    refused("input: -1 (expected: a number as 12 or 0.25)", "prices[0].input", "-1");
    refused("cost: 1e9 (expected: a number as 12 or 0.25)", "budgets[0].cost", "1e9");
    refused("prices[].provider: nowhere (expected:", "prices[0].provider", "nowhere");
    refused("budgets[].user: none (expected:", "budgets[0].tokens", "1");
    refused("budgets[].tokens: unlimited (expected:", "budgets[0].user", "*");
    refused("tokens: -1 (expected: >= 0)", "budgets[0].user", "*", "budgets[0].tokens", "-1");
    refused(
        "persona: guide (expected: none", "budgets[0].user", "*", "budgets[0].persona", "guide");
    refused(
        "per: week (expected: one of day, month)",
        "budgets[0].user",
        "*",
        "budgets[0].per",
        "week");
  }

  private static void refused(String why, String... keysAndValues) {
    assertThatThrownBy(() -> config(keysAndValues)).hasMessageContaining(why);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> config("providers[0].name", "model"))
        .hasMessageContaining("url: null (expected: an address)");
    assertThatThrownBy(() ->
            config(
                "providers[0].name", "model",
                "providers[0].url", "http://localhost:9",
                "providers[0].running", "0"))
        .hasMessageContaining("running: 0 (expected: >= 1)");
    assertThatThrownBy(() -> config("providers[0].url", "http://localhost:9"))
        .hasMessageContaining("providers[].name: none");
    assertThatThrownBy(() -> config("personas[0].id", "a b", "personas[0].model", "m"))
        .hasMessageContaining("persona.id");
    assertThatThrownBy(
            () -> config("personas[0].id", "guide", "personas[0].parameters", "{\"temperature\""))
        .hasMessageContaining("expected: JSON");
  }
}
