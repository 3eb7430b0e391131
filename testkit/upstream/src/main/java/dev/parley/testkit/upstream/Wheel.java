package dev.parley.testkit.upstream;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The timer wheel of one event loop: what is due within a tick happens in one turn, and what a turn
 * wrote to a shared connection leaves at its end. Confined to its loop. Nothing runs early; late by
 * a tick at most while the loop keeps up.
 */
final class Wheel implements Runnable {
  private static final int SLOTS = 1024; // a power of two

  /** Something that is due once. Confined to the loop; a member of at most one slot. */
  abstract static class Timer {
    private @Nullable Timer next;
    private @Nullable Timer previous;
    private long dueTick = -1; // not armed

    abstract void onTime(long nowNanos);
  }

  /** The ends of a slot's list. */
  private static final class Slot extends Timer {
    @Override
    void onTime(long nowNanos) {
      throw new IllegalStateException("a slot is never due");
    }
  }

  private final EventLoop loop;
  private final long tickNanos;
  private final long origin = System.nanoTime();
  private final Timer[] slots = new Timer[SLOTS];
  private final List<Timer> due = new ArrayList<>(); // of the slot that has its turn
  private final List<Runnable> turnEnd = new ArrayList<>();
  private long tick; // the last one that has been
  private int armed;
  private boolean turning;
  private boolean scheduled;

  Wheel(EventLoop loop, long tickNanos) {
    this.loop = loop;
    this.tickNanos = tickNanos;
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = new Slot();
    }
  }

  /** Has {@code timer} called once at or after {@code dueNanos}, in a turn to come. */
  void arm(Timer timer, long dueNanos) {
    assert loop.inEventLoop();
    cancel(timer);
    if (armed == 0 && !turning) {
      tick = Math.max(tick, (System.nanoTime() - origin) / tickNanos); // it rested
    }
    timer.dueTick = Math.max(tick + 1, Math.ceilDiv(dueNanos - origin, tickNanos));
    Timer slot = slots[(int) (timer.dueTick & (SLOTS - 1))];
    timer.previous = slot;
    timer.next = slot.next;
    if (slot.next != null) {
      slot.next.previous = timer;
    }
    slot.next = timer;
    armed++;
    schedule();
  }

  void cancel(Timer timer) {
    assert loop.inEventLoop();
    if (timer.dueTick < 0) {
      return;
    }
    if (timer.previous != null) {
      timer.previous.next = timer.next;
    }
    if (timer.next != null) {
      timer.next.previous = timer.previous;
    }
    timer.previous = null;
    timer.next = null;
    timer.dueTick = -1;
    armed--;
  }

  /** Runs {@code action} at the end of this turn, or soon if there is none. */
  void atTurnEnd(Runnable action) {
    assert loop.inEventLoop();
    if (turnEnd.isEmpty() && !turning) {
      loop.execute(this::endTurn);
    }
    turnEnd.add(action);
  }

  @Override
  public void run() {
    scheduled = false;
    turning = true;
    long now = System.nanoTime();
    long last = (now - origin) / tickNanos;
    while (tick < last && armed > 0) {
      tick++;
      turn(slots[(int) (tick & (SLOTS - 1))]);
    }
    turning = false;
    endTurn();
    schedule();
  }

  private void turn(Timer slot) {
    for (Timer timer = slot.next; timer != null; timer = timer.next) {
      if (timer.dueTick == tick) { // else of a later round
        due.add(timer);
      }
    }
    for (Timer timer : due) {
      if (timer.dueTick == tick) { // else one that ran before has cancelled it
        cancel(timer);
        timer.onTime(System.nanoTime());
      }
    }
    due.clear();
  }

  private void endTurn() {
    for (Runnable action : turnEnd) {
      action.run();
    }
    turnEnd.clear();
  }

  private void schedule() {
    if (armed > 0 && !scheduled && !turning) {
      scheduled = true;
      long wait = origin + (tick + 1) * tickNanos - System.nanoTime();
      var _ = loop.schedule(this, Math.max(0, wait), TimeUnit.NANOSECONDS);
    }
  }
}
