/**
 * Replies with no model behind them: what answers when nothing is configured, and what tests talk
 * to.
 */
@NullMarked
package dev.parley.provider.scripted;

import org.jspecify.annotations.NullMarked;
