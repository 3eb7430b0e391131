package dev.parley.bench;

import io.netty.channel.EventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Acts at even intervals and passes on when each act was due; what is late is made up, so that a
 * stall shows as latency instead of as fewer messages. Runs on the event loop it is given.
 */
final class Pace implements Runnable {
  /** Acts for the {@code index}-th time, which was due at {@code dueNanos}. */
  @FunctionalInterface
  interface Act {
    void run(int index, long dueNanos);
  }

  private static final int BURST = 64; // then the loop reads before it goes on

  private final EventLoop loop;
  private final long begin;
  private final double perSecond;
  private final int count;
  private final Act act;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private int next;

  private Pace(EventLoop loop, long begin, double perSecond, int count, Act act) {
    this.loop = loop;
    this.begin = begin;
    this.perSecond = perSecond;
    this.count = count;
    this.act = act;
  }

  /** Acts {@code count} times from {@code begin} on; the future ends with the last. */
  static CompletableFuture<Void> start(
      EventLoop loop, long begin, double perSecond, int count, Act act) {
    Pace pace = new Pace(loop, begin, perSecond, count, act);
    loop.execute(pace);
    return pace.done;
  }

  @Override
  public void run() {
    try {
      for (int i = 0; i < BURST && next < count && due() <= System.nanoTime(); i++) {
        act.run(next, due());
        next++;
      }
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
      return;
    }
    if (next == count) {
      done.complete(null);
    } else {
      var _ = loop.schedule(this, Math.max(0, due() - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
  }

  private long due() {
    return begin + (long) (next * 1e9 / perSecond);
  }
}
