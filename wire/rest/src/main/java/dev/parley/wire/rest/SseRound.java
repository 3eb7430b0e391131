package dev.parley.wire.rest;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the SSE answers of one event loop now and then: one timer for all of them. Confined
 * to that loop.
 */
final class SseRound {
  private final EventLoop loop;
  private final long tickNanos;
  private final List<SseAnswer> answers = new ArrayList<>();
  private @Nullable Future<?> tick; // the next one, while there are answers

  SseRound(EventLoop loop, long tickNanos) {
    this.loop = loop;
    this.tickNanos = tickNanos;
  }

  void add(SseAnswer answer) {
    assert loop.inEventLoop();
    answer.place = answers.size();
    answers.add(answer);
    if (tick == null) {
      schedule();
    }
  }

  void remove(SseAnswer answer) {
    assert loop.inEventLoop();
    int place = answer.place;
    if (place < 0) {
      return;
    }
    SseAnswer last = answers.removeLast();
    if (last != answer) {
      answers.set(place, last);
      last.place = place;
    }
    answer.place = -1;
  }

  private void schedule() {
    try {
      tick = loop.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      tick = null; // the loop is ending, and with it every answer
    }
  }

  private void tick() {
    long now = System.nanoTime();
    // Backwards, so that one who leaves in its turn swaps with one already seen.
    for (int i = answers.size() - 1; i >= 0; i--) {
      if (i < answers.size()) {
        answers.get(i).onTick(now);
      }
    }
    if (answers.isEmpty()) {
      tick = null;
    } else {
      schedule();
    }
  }
}
