package dev.parley.wire.socketio;

import dev.parley.stream.Message;
import dev.parley.stream.StreamInfo;
import dev.parley.wire.socketio.codec.Slice;
import java.util.List;

/** What clients hear of the messages of a stream. Safe on any thread; never blocks. */
@FunctionalInterface
public interface StreamEvents {
  /** Messages that follow each other, at least one, as events in their order. */
  List<StreamEvent> of(StreamInfo stream, List<Message> messages);

  /**
   * An event.
   *
   * @param arguments in JSON, with commas between; at least one
   */
  record StreamEvent(String name, Slice arguments) {}
}
