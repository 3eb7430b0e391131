package dev.parley.wire.socketio;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of one socket one after the other, on a virtual thread that lives while there is
 * some. Safe on any thread.
 */
final class Inbox implements Runnable {
  private final Runnable onFull;
  private final Runnable onRelief;
  private final int most;
  private @Nullable ArrayDeque<Runnable> waiting; // guarded by this; null while idle
  private boolean full; // guarded by this

  /**
   * @param most tasks that wait until {@code onFull} is told, and {@code onRelief} at half of them
   */
  Inbox(int most, Runnable onFull, Runnable onRelief) {
    this.most = most;
    this.onFull = onFull;
    this.onRelief = onRelief;
  }

  void submit(Runnable task) {
    boolean filled = false;
    synchronized (this) {
      ArrayDeque<Runnable> queue = waiting;
      boolean idle = queue == null;
      if (queue == null) {
        queue = new ArrayDeque<>(4);
        waiting = queue;
      }
      queue.add(task);
      if (queue.size() > most && !full) {
        full = true;
        filled = true;
      }
      if (idle) {
        Thread.ofVirtual().name("parley-socket").start(this);
      }
    }
    if (filled) {
      onFull.run();
    }
  }

  @Override
  public void run() {
    for (Runnable task = next(); task != null; task = next()) {
      task.run();
    }
  }

  private @Nullable Runnable next() {
    Runnable task;
    boolean relieved = false;
    synchronized (this) {
      ArrayDeque<Runnable> queue = waiting;
      task = queue == null ? null : queue.poll();
      if (task == null) {
        waiting = null;
      } else if (full && queue != null && queue.size() <= most / 2) {
        full = false;
        relieved = true;
      }
    }
    if (relieved) {
      onRelief.run();
    }
    return task;
  }
}
