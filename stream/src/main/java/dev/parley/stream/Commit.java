package dev.parley.stream;

import java.util.List;

/**
 * A change as the store's listener hears of it: with its messages and the stream's state after it.
 * A deleted stream's state says {@link StreamInfo#deleted()}, whether or not forks keep it.
 */
public record Commit(Change change, StreamInfo info, List<Message> messages) {}
