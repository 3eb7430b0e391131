package dev.parley.hub;

import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive messages of one stream on their way to the followers of one event loop. It carries what each wire encoded
 * from them, so the first follower encodes and the others send the same bytes. Confined to one event loop.
 */
public final class Delivery {
  private final StreamInfo info;
  private final List<Message> messages;
  private final boolean upToDate;
  private @Nullable Object[] encodings = new @Nullable Object[2];
  private int size;

  public Delivery(StreamInfo info, List<Message> messages, boolean upToDate) {
    this.info = info;
    this.messages = messages;
    this.upToDate = upToDate;
  }

  /** The stream's state at the last of these messages, or later. */
  public StreamInfo info() {
    return info;
  }

  public List<Message> messages() {
    return messages;
  }

  /** Whether they reach the tail. */
  public boolean upToDate() {
    return upToDate;
  }

  /** What {@code key} made of these messages: made once, by the first who asks. {@code key} is a constant of the wire. */
  @SuppressWarnings("unchecked")
  public <T> T encoded(Object key, Function<Delivery, T> encode) {
    for (int i = 0; i < size; i += 2) {
      if (encodings[i] == key) {
        return (T) encodings[i + 1];
      }
    }
    T made = encode.apply(this);
    if (size == encodings.length) {
      encodings = java.util.Arrays.copyOf(encodings, size * 2);
    }
    encodings[size++] = key;
    encodings[size++] = made;
    return made;
  }

  /** Hands each encoding to {@code release}, after the last follower of the loop had it. */
  void release(java.util.function.Consumer<Object> release) {
    for (int i = 1; i < size; i += 2) {
      Object made = encodings[i];
      if (made != null) {
        release.accept(made);
      }
    }
    size = 0;
  }
}
