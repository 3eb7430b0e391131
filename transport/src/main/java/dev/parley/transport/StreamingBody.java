package dev.parley.transport;

import io.netty.buffer.ByteBuf;

/**
 * A body sent in pieces. Confined to the response's loop. Writes after the end, or to a client that
 * has gone, are dropped.
 */
public interface StreamingBody {
  /**
   * Writes a frame shared by many; flushed at the end of the loop's current task batch. Retained as
   * needed.
   */
  void write(SharedFrame frame);

  /** Writes bytes meant for this client alone, which are released by the transport. */
  default void write(ByteBuf bytes) {
    SharedFrame frame = SharedFrame.of(bytes);
    write(frame);
    frame.release();
  }

  /** False above the high-water mark. */
  boolean isWritable();

  /** Runs on the loop each time the body has become writable again. */
  void onWritable(Runnable action);

  /** Sends what was written so far without waiting for the end of the loop's task batch. */
  void flush();

  /** Ends the body in order. */
  void end();

  /**
   * Cuts the body off so that the client can tell it is incomplete: closes the connection
   * (HTTP/1.1), resets the stream (HTTP/2).
   */
  default void abort() {
    end();
  }
}
