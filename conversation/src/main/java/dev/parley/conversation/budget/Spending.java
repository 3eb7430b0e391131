package dev.parley.conversation.budget;

import dev.parley.conversation.Usage;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one reply took of one model: the event that all sums are made of. A reply that fall-backs
 * gave a part of has several, one behind the other.
 *
 * @param asked with the model that answered
 * @param cost at the price of its time, so that a later price list changes nothing
 * @param at when the reply ended, in milliseconds since the Unix epoch
 */
record Spending(String run, Asked asked, Usage usage, BigDecimal cost, long at) {
  /** Those of a reply, at least one; all are estimated when one is. */
  static List<Spending> of(String run, Asked asked, Usage usage, PriceList prices, long at) {
    Map<Asked, Usage> parts = new LinkedHashMap<>();
    if (usage.fallbacks().isEmpty() || usage.own().tokens() > 0) {
      parts.put(asked, usage.own());
    }
    usage.fallbacks().forEach((by, took) -> parts.merge(asked.answeredBy(by), took, Usage::plus));
    List<Spending> all = new ArrayList<>(parts.size());
    parts.forEach((whom, took) -> {
      Usage part = new Usage(took.input(), took.cachedInput(), took.output(), usage.estimated());
      all.add(new Spending(run, whom, part, prices.of(whom).of(part), at));
    });
    return all;
  }
}
