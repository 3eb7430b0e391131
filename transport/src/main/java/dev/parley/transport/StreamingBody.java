package dev.parley.transport;

/** A body sent in pieces. Confined to the response's loop. */
public interface StreamingBody {
  /** Writes a frame shared by many; flushed at the end of the loop's current task batch. Retained as needed. */
  void write(SharedFrame frame);

  /** False above the high-water mark. */
  boolean isWritable();

  /** Runs on the loop each time the body has become writable again. */
  void onWritable(Runnable action);

  void flush();

  /** Ends the body in order. */
  void end();
}
