package dev.parley.conversation.budget;

import dev.parley.conversation.Usage;
import java.math.BigDecimal;

/**
 * What one reply took: the event that all sums are made of.
 *
 * @param cost at the price of its time, so that a later price list changes nothing
 * @param at when the reply ended, in milliseconds since the Unix epoch
 */
record Spending(String run, Asked asked, Usage usage, BigDecimal cost, long at) {}
