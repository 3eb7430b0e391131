package dev.parley.hub;

import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way into a shard: bounded, first in first out, and able to say no. Anyone offers; the shard
 * thread alone takes.
 */
final class Mailbox {
  private final LinkedBlockingQueue<Command> queue = new LinkedBlockingQueue<>();
  private final int capacity;
  private volatile boolean closed;

  Mailbox(int capacity) {
    this.capacity = capacity;
  }

  /** Takes {@code command} unless the mailbox is full or closed. */
  boolean offer(Command command) {
    return queue.size() < capacity && force(command);
  }

  /**
   * Takes {@code command} even when full, for what is bounded elsewhere: a departure by its
   * arrival, an overrun by the commits before it.
   */
  boolean force(Command command) {
    if (closed) {
      return false;
    }
    queue.add(command);
    // Closed meanwhile: either the shard saw it in its last look, or we take it back.
    return !closed || !queue.remove(command);
  }

  /** Moves what waits into {@code batch}, waiting for the first at most {@code nanos}. */
  void take(List<Command> batch, int limit, long nanos) throws InterruptedException {
    @Nullable Command head = nanos > 0 ? queue.poll(nanos, TimeUnit.NANOSECONDS) : queue.poll();
    if (head != null) {
      batch.add(head);
      queue.drainTo(batch, limit - 1);
    }
  }

  /** Moves everything that waits into {@code batch}. */
  void drain(List<Command> batch) {
    queue.drainTo(batch);
  }

  void close() {
    closed = true;
  }
}
