package dev.parley.wire.aisdk;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the answers of one event loop now and then: one timer for all of them. Confined to
 * that loop.
 */
final class Round {
  private final EventLoop loop;
  private final long heartbeatNanos;
  private final List<ReplyFollower> followers = new ArrayList<>();
  private @Nullable Future<?> tick; // the next one, while there are followers

  Round(EventLoop loop, long heartbeatNanos) {
    this.loop = loop;
    this.heartbeatNanos = heartbeatNanos;
  }

  void add(ReplyFollower follower) {
    assert loop.inEventLoop();
    follower.place = followers.size();
    followers.add(follower);
    if (tick == null) {
      schedule();
    }
  }

  void remove(ReplyFollower follower) {
    assert loop.inEventLoop();
    int place = follower.place;
    if (place < 0) {
      return;
    }
    ReplyFollower last = followers.removeLast();
    if (last != follower) {
      followers.set(place, last);
      last.place = place;
    }
    follower.place = -1;
  }

  private void schedule() {
    try {
      long every = Math.clamp(heartbeatNanos / 4, 10_000_000L, 1_000_000_000L);
      tick = loop.schedule(this::tick, every, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      tick = null; // the loop is ending, and with it every answer
    }
  }

  private void tick() {
    long now = System.nanoTime();
    // Backwards, so that one who leaves in its turn swaps with one already seen.
    for (int i = followers.size() - 1; i >= 0; i--) {
      if (i < followers.size()) {
        followers.get(i).onTick(now, heartbeatNanos);
      }
    }
    if (followers.isEmpty()) {
      tick = null;
    } else {
      schedule();
    }
  }
}
