package dev.parley.hub;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** An event loop that moves only when the test turns it. Tasks come from any thread. */
final class CrankedLoop implements Executor {
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    synchronized (tasks) {
      tasks.add(task);
    }
  }

  /** Runs one task; false when none waits. */
  boolean turn() {
    Runnable task;
    synchronized (tasks) {
      task = tasks.poll();
    }
    if (task == null) {
      return false;
    }
    task.run();
    return true;
  }

  int waiting() {
    synchronized (tasks) {
      return tasks.size();
    }
  }
}
