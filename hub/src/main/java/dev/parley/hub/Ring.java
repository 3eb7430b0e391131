package dev.parley.hub;

import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The newest messages of one stream, without gaps. Confined to the shard thread, but what it hands
 * out stays valid on any thread: a slot is written once, before it is published, and room is made
 * by moving to a new array, never by overwriting.
 */
final class Ring {
  private static final Message[] NONE = {};

  /** What a message weighs beside its payload: record, producer stamp, slot. */
  private static final int MESSAGE_OVERHEAD = 128;

  private Message[] slots = NONE;
  private int from;
  private int to;
  private long liveBytes;
  private long deadBytes; // dropped, but still referred to by the array

  boolean isEmpty() {
    return from == to;
  }

  int size() {
    return to - from;
  }

  /** Offset of the oldest message; there must be one. */
  long first() {
    return slots[from].offset();
  }

  /** Offset of the newest message; there must be one. */
  long last() {
    return slots[to - 1].offset();
  }

  /** Memory it holds on to. */
  long bytes() {
    return liveBytes + deadBytes;
  }

  /** Takes the message after the last; one that leaves a gap makes it begin anew. */
  void append(Message message) {
    if (!isEmpty() && message.offset() != last() + 1) {
      if (message.offset() <= last()) {
        return;
      }
      clear();
    }
    if (to == slots.length) {
      move(Math.max(4, size() * 2));
    }
    slots[to++] = message;
    liveBytes += weight(message);
  }

  void dropBefore(long offset) {
    while (from < to && slots[from].offset() < offset) {
      drop();
    }
    compact();
  }

  void keepNewest(int count) {
    while (size() > count) {
      drop();
    }
    compact();
  }

  void clear() {
    slots = NONE;
    from = 0;
    to = 0;
    liveBytes = 0;
    deadBytes = 0;
  }

  /** The messages from {@code offset} on. */
  List<Message> since(long offset) {
    int start = isEmpty() ? to : from + Math.clamp(offset - first(), 0, size());
    return run(slots, start, to);
  }

  View view(StreamInfo info, long sequence) {
    return new View(info, sequence, slots, from, to);
  }

  static List<Message> run(Message[] slots, int start, int end) {
    return start == end
        ? List.of()
        : Collections.unmodifiableList(Arrays.asList(slots).subList(start, end));
  }

  private void drop() {
    long weight = weight(slots[from++]);
    liveBytes -= weight;
    deadBytes += weight;
  }

  private void compact() {
    if (isEmpty()) {
      clear();
    } else if (deadBytes > liveBytes + 4096) {
      move(size());
    }
  }

  private void move(int capacity) {
    Message[] roomier = new Message[capacity];
    System.arraycopy(slots, from, roomier, 0, size());
    to = size();
    from = 0;
    slots = roomier;
    deadBytes = 0;
  }

  private static long weight(Message message) {
    long headers = 0;
    for (var header : message.headers().entrySet()) {
      headers += 96L + 2L * (header.getKey().length() + header.getValue().length());
    }
    return message.bytes().length + headers + MESSAGE_OVERHEAD;
  }
}
