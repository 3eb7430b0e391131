package dev.parley.server;

import dev.parley.conversation.budget.Price;
import dev.parley.conversation.budget.PriceList;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Options of one price, for a million tokens. That of a model at a provider goes before that of the
 * model, and that before the provider's.
 *
 * @param provider for what it gives; none for all
 * @param model for its replies; none for all
 * @param input what is asked
 * @param cachedInput what of it came from a cache of prefixes; as other input when there is none
 * @param output what is answered
 */
record PriceOptions(
    @Nullable String provider,
    @Nullable String model,
    BigDecimal input,
    @Nullable BigDecimal cachedInput,
    BigDecimal output) {
  static PriceOptions defaults() {
    return new PriceOptions(null, null, BigDecimal.ZERO, null, BigDecimal.ZERO);
  }

  PriceOptions {
    var _ = new Price(input, cachedInput == null ? input : cachedInput, output); // which checks
  }

  static PriceList list(List<PriceOptions> options) {
    Map<PriceList.Of, Price> prices = new LinkedHashMap<>();
    for (PriceOptions each : options) {
      BigDecimal cached = each.cachedInput() == null ? each.input() : each.cachedInput();
      prices.put(
          new PriceList.Of(each.provider(), each.model()),
          new Price(each.input(), cached, each.output()));
    }
    return new PriceList(prices);
  }
}
