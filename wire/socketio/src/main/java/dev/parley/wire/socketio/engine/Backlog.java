package dev.parley.wire.socketio.engine;

import dev.parley.transport.WebSocket;
import dev.parley.wire.socketio.codec.Revision;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one session that wait for a transport. Confined to the session's loop; that of a
 * session that has ended may be given to the loop of its last transport.
 */
final class Backlog {
  private static final int OVERHEAD_BYTES = 64; // many empty messages take memory too

  private final ArrayDeque<Outgoing> messages = new ArrayDeque<>(4);
  private int bytes;

  void add(Outgoing message) {
    messages.add(message);
    bytes += cost(message);
  }

  @Nullable Outgoing peek() {
    return messages.peek();
  }

  @Nullable Outgoing poll() {
    Outgoing message = messages.poll();
    if (message != null) {
      bytes -= cost(message);
    }
    return message;
  }

  /** Sends them all, on the socket's loop. */
  void moveTo(WebSocket socket, Revision revision) {
    for (Outgoing next = poll(); next != null; next = poll()) {
      next.copyTo(socket, revision);
    }
  }

  static int cost(Outgoing message) {
    return OVERHEAD_BYTES + message.bytes();
  }

  boolean isEmpty() {
    return messages.isEmpty();
  }

  int bytes() {
    return bytes;
  }

  void clear() {
    messages.clear();
    bytes = 0;
  }
}
