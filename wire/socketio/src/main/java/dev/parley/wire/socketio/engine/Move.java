package dev.parley.wire.socketio.engine;

import java.util.ArrayDeque;

/**
 * A session on its way from one loop to another: what the new loop has for it waits here until all
 * that the old one had is done. Confined to the new loop.
 */
final class Move {
  final SessionLoop to;
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private int heldBytes;

  Move(SessionLoop to) {
    this.to = to;
  }

  void hold(Runnable task, int bytes) {
    assert to.isHere();
    held.add(task);
    heldBytes += bytes;
  }

  int heldBytes() {
    return heldBytes;
  }

  /** Runs what waited, in order, once the session is there. */
  void finish() {
    for (Runnable task = held.poll(); task != null; task = held.poll()) {
      task.run();
    }
  }
}
