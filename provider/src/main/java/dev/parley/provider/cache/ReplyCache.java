package dev.parley.provider.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.parley.conversation.provider.Provider.Listener;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Replies by what was asked, for personas that allow it. Those least worth keeping go first when it
 * is full. Two who ask the same at the same time both ask the provider. Safe on any thread.
 */
public final class ReplyCache {
  private final int longestReply;
  private final Ticker ticker;
  private final Cache<PromptKey, Entry> entries;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  private record Entry(KeptReply reply, long keptNanos, Duration ttl) {}

  /**
   * An empty cache.
   *
   * @param bytes the most it holds, about; no reply takes more than a sixteenth of it
   */
  public ReplyCache(long bytes) {
    this(bytes, Ticker.systemTicker());
  }

  ReplyCache(long bytes, Ticker ticker) {
    if (bytes < 0) {
      throw new IllegalArgumentException("provider.cache.bytes: " + bytes + " (expected: >= 0)");
    }
    this.longestReply = (int) Math.min(Integer.MAX_VALUE / 4, bytes / 32); // two bytes a character
    this.ticker = ticker;
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((PromptKey key, Entry entry) -> entry.reply().bytes())
            .expireAfter(Expiry.writing((PromptKey key, Entry entry) -> entry.ttl()))
            .ticker(ticker)
            .executor(Runnable::run)
            .build();
  }

  /** The reply to that prompt, if one is kept and no older than {@code ttl}. */
  public Optional<KeptReply> lookup(PromptKey key, Duration ttl) {
    Entry entry = entries.getIfPresent(key);
    if (entry == null || ticker.read() - entry.keptNanos() >= nanos(ttl)) {
      misses.increment();
      return Optional.empty();
    }
    hits.increment();
    return Optional.of(entry.reply());
  }

  private static long nanos(Duration ttl) {
    return ttl.compareTo(Duration.ofDays(36_500)) < 0 ? ttl.toNanos() : Long.MAX_VALUE;
  }

  /**
   * A listener that passes a reply on, and keeps it for {@code ttl} if it ends well, by itself, and
   * calls no tool.
   */
  public Listener keeping(PromptKey key, Duration ttl, Listener listener) {
    if (ttl.isZero() || ttl.isNegative()) {
      return listener;
    }
    return new Keeping(
        listener, longestReply, reply -> entries.put(key, new Entry(reply, ticker.read(), ttl)));
  }

  public CacheStats stats() {
    long bytes =
        entries.policy().eviction().stream()
            .mapToLong(eviction -> eviction.weightedSize().orElse(0))
            .sum();
    return new CacheStats(entries.estimatedSize(), bytes, hits.sum(), misses.sum());
  }
}
