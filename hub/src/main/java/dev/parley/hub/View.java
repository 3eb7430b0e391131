package dev.parley.hub;

import dev.parley.stream.Message;
import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import org.jspecify.annotations.Nullable;

/** A stream's state and newest messages at one moment. Immutable; safe on any thread. */
final class View {
  private final StreamInfo info;
  private final long sequence;
  private final Message[] slots;
  private final int from;
  private final int to;

  View(StreamInfo info, long sequence, Message[] slots, int from, int to) {
    this.info = info;
    this.sequence = sequence;
    this.slots = slots;
    this.from = from;
    this.to = to;
  }

  StreamInfo info() {
    return info;
  }

  /** The newest change it knows of. */
  long sequence() {
    return sequence;
  }

  /** Whether only the store can tell if the stream is still there. */
  boolean expires() {
    return info.ttlSeconds() >= 0 || info.expiresAt() >= 0;
  }

  /** Whether someone who is at {@code position} of the stream {@code id} has seen more. */
  boolean isOlder(long id, long position) {
    return info.id() < id || info.tail() < position;
  }

  /** As {@code Store.read}, or {@code null} when memory does not reach back far enough. */
  @Nullable Slice slice(long after, int maxMessages, int maxBytes) {
    if (expires()) {
      return null;
    }
    long next = Math.max(after + 1, info.first());
    if (next > info.tail()) {
      return new Slice(info, after, Ring.run(slots, to, to));
    }
    if (from == to || next < slots[from].offset()) {
      return null;
    }
    int start = from + (int) (next - slots[from].offset());
    int end = start;
    long bytes = 0;
    while (end < to && end - start < maxMessages) {
      bytes += slots[end].bytes().length;
      if (end > start && bytes > maxBytes) {
        break;
      }
      end++;
    }
    return new Slice(info, after, Ring.run(slots, start, end));
  }
}
