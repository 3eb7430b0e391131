package dev.parley.wire.socketio;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What is done to a namespace, in order: a step that waits for the store holds up those behind it.
 * Guarded by the lock of its namespace, under which steps run; so they only hand over.
 */
final class Steps {
  /** What a step does once the store has answered. */
  @FunctionalInterface
  interface Action {
    /**
     * Hands over.
     *
     * @param position where it is kept, or {@link Delivery#NOT_KEPT} when that failed
     */
    void run(long position, long timeMillis);
  }

  /** One of them. */
  static final class Step {
    final long id;
    private final Action action;
    private final boolean maybeKept;
    private boolean ready;
    private long position = Delivery.NOT_KEPT;
    private long timeMillis;

    private Step(long id, Action action, boolean maybeKept) {
      this.id = id;
      this.action = action;
      this.maybeKept = maybeKept;
    }
  }

  private final ArrayDeque<Step> waiting = new ArrayDeque<>();
  private long ids;
  private boolean running;

  /** Runs at once when nothing waits, or from within a step. */
  void run(Runnable action) {
    if (running || waiting.isEmpty()) {
      action.run();
      return;
    }
    Step step = new Step(0, (_, _) -> action.run(), false);
    step.ready = true;
    waiting.add(step);
  }

  /** Waits for {@link #ready} of the step that is returned, which brings no position. */
  Step await(Action action) {
    return await(action, false);
  }

  /** Waits for {@link #ready} of the step that is returned, which may bring a position. */
  Step awaitKept(Action action) {
    return await(action, true);
  }

  private Step await(Action action, boolean maybeKept) {
    Step step = new Step(++ids, action, maybeKept);
    waiting.add(step);
    return step;
  }

  /** The store has kept the step of this id. */
  void ready(long id, long position, long timeMillis) {
    for (Step step : waiting) {
      if (step.id == id) {
        ready(step, position, timeMillis);
        return;
      }
    }
  }

  /**
   * Something that was kept elsewhere, at a position after all steps that are kept already and
   * before all that are not yet. It comes after everything it can come after: who joined a room
   * before it was written gets it.
   */
  void kept(long position, long timeMillis, Action action) {
    if (waiting.isEmpty()) {
      action.run(position, timeMillis);
      return;
    }
    Step step = new Step(0, action, true);
    step.ready = true;
    step.position = position;
    step.timeMillis = timeMillis;
    List<Step> later = new ArrayList<>(); // from the first on that is yet to be kept
    while (!waiting.isEmpty() && waiting.getLast().position == Delivery.NOT_KEPT) {
      later.addFirst(waiting.removeLast());
    }
    while (!later.isEmpty() && (later.getFirst().ready || !later.getFirst().maybeKept)) {
      waiting.add(later.removeFirst());
    }
    waiting.add(step);
    waiting.addAll(later);
    runReady();
  }

  void ready(Step step, long position, long timeMillis) {
    if (step.ready) {
      return;
    }
    step.ready = true;
    step.position = position;
    step.timeMillis = timeMillis;
    runReady();
  }

  private void runReady() {
    if (running) {
      return;
    }
    running = true;
    try {
      for (Step next = waiting.peek(); next != null && next.ready; next = waiting.peek()) {
        waiting.remove();
        next.action.run(next.position, next.timeMillis);
      }
    } finally {
      running = false;
    }
  }
}
