package dev.parley.conversation.limit;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A slot, or a place in the queue for one. Safe on any thread. */
public final class Ticket implements Admission {
  enum State {
    WAITING,
    GRANTED,
    RELEASED
  }

  private final Slots slots;
  private final Executor executor;
  private final Waiting listener;
  private final AtomicBoolean telling = new AtomicBoolean();
  private volatile int told;
  final Line line;
  final Priority priority;
  final long number; // in the order they came
  volatile State state = State.WAITING; // written under the lock of Slots

  Ticket(
      Slots slots, Line line, Priority priority, long number, Executor executor, Waiting listener) {
    this.slots = slots;
    this.line = line;
    this.priority = priority;
    this.number = number;
    this.executor = executor;
    this.listener = listener;
  }

  /**
   * Gives back the slot, or the place in the queue. The listener is not called again, except for a
   * call that is already under way on another thread. Does nothing the second time.
   */
  public void release() {
    slots.release(this);
  }

  /** Reports a place unless it is known. However slow the executor, one report waits there. */
  void tell(int position) {
    if (told == position) {
      return;
    }
    told = position;
    if (telling.compareAndSet(false, true) && !run(this::onPosition)) {
      release();
    }
  }

  private void onPosition() {
    telling.set(false);
    if (state == State.WAITING) {
      listener.onPosition(told);
    }
  }

  /** Returns false if it cannot start, since its executor has gone. */
  boolean grant() {
    return run(this::onGranted);
  }

  private void onGranted() {
    if (state == State.GRANTED) {
      listener.onGranted();
    }
  }

  private boolean run(Runnable what) {
    try {
      executor.execute(what);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
