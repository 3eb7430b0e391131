package dev.parley.provider.cache;

/**
 * What a cache holds and was worth.
 *
 * @param hits so far
 * @param misses so far
 */
public record CacheStats(long replies, long bytes, long hits, long misses) {}
