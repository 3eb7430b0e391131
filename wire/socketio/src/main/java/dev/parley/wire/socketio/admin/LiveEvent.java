package dev.parley.wire.socketio.admin;

import dev.parley.socketio.Socket;
import dev.parley.wire.socketio.codec.Slice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a socket. Immutable.
 *
 * @param number one more than that of the event before
 * @param atMillis since the Unix epoch
 * @param sockets those it happened to; of an event sent to many, some
 * @param count to how many it happened
 * @param text the room, the reason of a disconnect, or the name of an event
 * @param json an event with its name and arguments, as an array; {@code null} when there is none or
 *     it is too large to keep
 * @param bytes the size of an event, attachments included
 */
public record LiveEvent(
    long number,
    long atMillis,
    Kind kind,
    List<? extends Socket> sockets,
    int count,
    String text,
    @Nullable Slice json,
    int bytes) {
  /** What happened. */
  public enum Kind {
    CONNECTED,
    DISCONNECTED,
    JOINED,
    LEFT,
    RECEIVED,
    SENT;

    /** Whether it changed who is where. */
    public boolean isMove() {
      return this != RECEIVED && this != SENT;
    }
  }

  public Socket socket() {
    return sockets.getFirst();
  }

  public String namespace() {
    return socket().namespace().name();
  }
}
