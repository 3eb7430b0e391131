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
    private boolean ready;
    private long position = Delivery.NOT_KEPT;
    private long timeMillis;

    private Step(long id, Action action) {
      this.id = id;
      this.action = action;
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
    Step step = new Step(0, (_, _) -> action.run());
    step.ready = true;
    waiting.add(step);
  }

  /** Waits for {@link #ready} of the step that is returned. */
  Step await(Action action) {
    Step step = new Step(++ids, action);
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
   * before all that are not yet.
   */
  void kept(long position, long timeMillis, Action action) {
    Step last = null;
    for (Step step : waiting) {
      if (step.ready && step.position != Delivery.NOT_KEPT) {
        last = step;
      }
    }
    if (last == null) {
      action.run(position, timeMillis);
      return;
    }
    Step step = new Step(0, action);
    step.ready = true;
    step.position = position;
    step.timeMillis = timeMillis;
    List<Step> all = new ArrayList<>(waiting);
    all.add(all.indexOf(last) + 1, step);
    waiting.clear();
    waiting.addAll(all);
  }

  void ready(Step step, long position, long timeMillis) {
    if (step.ready) {
      return;
    }
    step.ready = true;
    step.position = position;
    step.timeMillis = timeMillis;
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
