package dev.parley.stream;

import java.util.List;

/**
 * A run of consecutive messages and the stream's state when they were read.
 *
 * @param after the offset asked for; the first message is {@code after + 1}, or {@code
 *     info.first()} if that is greater
 */
public record Slice(StreamInfo info, long after, List<Message> messages) {
  /** The offset to go on from. */
  public long next() {
    return messages.isEmpty()
        ? Math.max(after, info.first() - 1) // all of it was trimmed
        : messages.getLast().offset();
  }

  /** Whether nothing readable lies beyond it. */
  public boolean upToDate() {
    return next() >= info.tail();
  }
}
