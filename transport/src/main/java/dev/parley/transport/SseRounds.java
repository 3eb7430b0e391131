package dev.parley.transport;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Looks after the answers of a wire now and then: one timer for all of an event loop, since one for
 * each would cost more than the answer itself. Safe on any thread; a round is confined to its loop.
 */
public final class SseRounds {
  private final long heartbeatNanos;
  private final long tickNanos;
  private final Map<EventLoop, Round> rounds = new ConcurrentHashMap<>();

  /**
   * @param heartbeat an answer silent for this long gets a comment, so that dead peers show
   */
  public SseRounds(Duration heartbeat) {
    this(heartbeat, heartbeat);
  }

  /**
   * @param lifetime about how long the answers last
   */
  public SseRounds(Duration heartbeat, Duration lifetime) {
    this.heartbeatNanos = heartbeat.toNanos();
    long shortest = Math.min(heartbeatNanos, lifetime.toNanos());
    this.tickNanos = Math.clamp(shortest / 4, 10_000_000L, 1_000_000_000L);
  }

  Round join(SseBody body) {
    Round round = rounds.computeIfAbsent(body.loop(), Round::new);
    round.add(body);
    return round;
  }

  final class Round {
    private final EventLoop loop;
    private final List<SseBody> bodies = new ArrayList<>();
    private boolean ticks; // while there are bodies

    private Round(EventLoop loop) {
      this.loop = loop;
    }

    private void add(SseBody body) {
      assert loop.inEventLoop();
      body.place = bodies.size();
      bodies.add(body);
      if (!ticks) {
        schedule();
      }
    }

    void remove(SseBody body) {
      assert loop.inEventLoop();
      SseBody last = bodies.removeLast();
      if (last != body) {
        bodies.set(body.place, last);
        last.place = body.place;
      }
    }

    private void schedule() {
      try {
        var _ = loop.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
        ticks = true;
      } catch (RejectedExecutionException e) {
        ticks = false; // the loop is ending, and with it every answer
      }
    }

    private void tick() {
      long now = System.nanoTime();
      // Backwards, so that one who leaves in its turn swaps with one already seen.
      for (int i = bodies.size() - 1; i >= 0; i--) {
        if (i < bodies.size()) {
          bodies.get(i).tick(now, heartbeatNanos);
        }
      }
      if (bodies.isEmpty()) {
        ticks = false;
      } else {
        schedule();
      }
    }
  }
}
