package dev.parley.wire.socketio.engine;

import dev.parley.wire.socketio.codec.Slice;
import io.netty.channel.EventLoop;

/**
 * Hears what one session receives. Called on the loop that owns the session at the time. What it
 * throws closes the session: a {@link dev.parley.wire.socketio.codec.ProtocolException} as a parse
 * error.
 */
public interface SessionListener {
  /** A text message without its packet type: an immutable copy of well-formed UTF-8. */
  void onText(Slice utf8);

  /** A binary message: an immutable copy. */
  void onBinary(Slice bytes);

  /**
   * The session moves to another event loop: from {@code move} on, tasks for it belong there.
   * Called on the old loop. Runs {@code move} once, under all locks that others hold when they post
   * something to the session.
   */
  default void onMove(EventLoop to, Runnable move) {
    move.run();
  }

  /** It has become writable again. */
  default void onWritable() {}

  /** The time given to {@link Session#deadline} has passed; none is set any more. */
  default void onDeadline(long nanoTime) {}

  /** The last call. */
  void onClose(CloseReason reason);
}
