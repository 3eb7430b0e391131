package dev.parley.conversation.limit;

/**
 * How busy a provider is, at one moment.
 *
 * @param granted tickets so far
 * @param refused tickets so far
 */
public record SlotsStats(int running, int waiting, long granted, long refused) {}
