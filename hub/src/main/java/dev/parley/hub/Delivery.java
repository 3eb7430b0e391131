package dev.parley.hub;

import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Consecutive messages of one stream on their way to the followers of one event loop. It carries
 * what each wire encoded from them, so the first follower encodes and the others send the same
 * bytes. Confined to one event loop.
 */
public final class Delivery {
  private static final Logger LOG = System.getLogger(Delivery.class.getName());

  private final StreamInfo info;
  private final List<Message> messages;
  private final boolean upToDate;
  private final List<Object> encodings = new ArrayList<>(2); // key, encoding, key, encoding, …

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

  /**
   * What {@code key} made of these messages: made once, by the first who asks. {@code key} is a
   * constant of the wire. The hub owns what was made: if it is {@link AutoCloseable} it is closed
   * once, after the last follower of the loop had it, so a follower that sends it takes a reference
   * of its own.
   */
  @SuppressWarnings("unchecked")
  public <T> T encoded(Object key, Function<Delivery, T> encode) {
    for (int i = 0; i < encodings.size(); i += 2) {
      if (encodings.get(i) == key) {
        return (T) encodings.get(i + 1);
      }
    }
    T made = encode.apply(this);
    encodings.add(key);
    encodings.add(made);
    return made;
  }

  /** Offset of the first message; there must be one. */
  long first() {
    return messages.getFirst().offset();
  }

  /** Offset of the last message; there must be one. */
  long last() {
    return messages.getLast().offset();
  }

  /** The messages after {@code offset}, which lies inside. */
  Delivery after(long offset) {
    int seen = (int) (offset - first() + 1);
    return new Delivery(info, messages.subList(seen, messages.size()), upToDate);
  }

  /** Lets go of the encodings, after the last follower of the loop had them. */
  void release() {
    for (int i = 1; i < encodings.size(); i += 2) {
      if (encodings.get(i) instanceof AutoCloseable closeable) {
        try {
          closeable.close();
        } catch (Exception e) {
          LOG.log(Level.WARNING, "an encoding of " + info.path() + " could not be closed", e);
        }
      }
    }
    encodings.clear();
  }
}
