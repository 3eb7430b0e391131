package dev.parley.conversation.budget;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What replies cost. Immutable. The price of a model at a provider goes before that of the model,
 * that before the provider's, and that before the price of all; what has none is free.
 */
public record PriceList(Map<Of, Price> prices) {
  public static final PriceList FREE = new PriceList(Map.of());

  /**
   * What has a price.
   *
   * @param provider {@code null} for any
   * @param model {@code null} for any
   */
  public record Of(@Nullable String provider, @Nullable String model) {}

  public PriceList {
    prices = Map.copyOf(prices);
  }

  Price of(Asked asked) {
    Price found = prices.get(new Of(asked.provider(), asked.model()));
    found = found != null ? found : prices.get(new Of(null, asked.model()));
    found = found != null ? found : prices.get(new Of(asked.provider(), null));
    return found != null ? found : prices.getOrDefault(new Of(null, null), Price.FREE);
  }
}
