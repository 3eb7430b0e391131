package dev.parley.wire.durable;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the SSE answers of one event loop now and then: one timer for all of them, since one
 * for each would cost more than the answer itself. Confined to that loop.
 */
final class SseRound {
  private final EventLoop loop;
  private final long tickNanos;
  private final List<SseFollower> followers = new ArrayList<>();
  private @Nullable Future<?> tick; // the next one, while there are followers

  SseRound(EventLoop loop, long tickNanos) {
    this.loop = loop;
    this.tickNanos = tickNanos;
  }

  void add(SseFollower follower) {
    assert loop.inEventLoop();
    follower.place = followers.size();
    followers.add(follower);
    if (tick == null) {
      schedule();
    }
  }

  void remove(SseFollower follower) {
    assert loop.inEventLoop();
    int place = follower.place;
    if (place < 0) {
      return;
    }
    SseFollower last = followers.removeLast();
    if (last != follower) {
      followers.set(place, last);
      last.place = place;
    }
    follower.place = -1;
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
    for (int i = followers.size() - 1; i >= 0; i--) {
      if (i < followers.size()) {
        followers.get(i).onTick(now);
      }
    }
    if (followers.isEmpty()) {
      tick = null;
    } else {
      schedule();
    }
  }
}
