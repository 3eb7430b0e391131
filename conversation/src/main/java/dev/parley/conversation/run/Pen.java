package dev.parley.conversation.run;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes what the replies of one loop have to say, in passes, one at a time. While passes are short
 * a piece is written at once; the longer they take, the longer a reply gathers pieces before its
 * next write, so that under load there are fewer and larger ones. Each reply is written when its
 * own time has come, which spreads the work and leaves no reply waiting behind all others. Confined
 * to its loop.
 */
final class Pen {
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int HELD = 10; // times what a pass takes beyond a short one
  private static final int PASSES = 8; // within the time that pieces are held
  private static final int SMOOTH = 4; // passes of which the mean is taken

  private final ScheduledExecutorService loop;
  private final long joinNanos;
  private final long overloadNanos;
  private final ArrayDeque<Reply> waiting = new ArrayDeque<>(); // who has waited longest first
  private final List<Reply> writing = new ArrayList<>();
  private boolean busy; // a pass is under way, or will come
  private long notBefore = System.nanoTime();
  private long started;
  private long meanNanos; // of the passes
  private long holdNanos;

  /**
   * @param joinNanos the longest that pieces are held under load
   * @param overloadNanos the same when passes take so long that it is not enough
   */
  Pen(ScheduledExecutorService loop, long joinNanos, long overloadNanos) {
    this.loop = loop;
    this.joinNanos = joinNanos;
    this.overloadNanos = overloadNanos;
  }

  /** A reply has something to write; it says so once until it is written. */
  void wantsToWrite(Reply reply) {
    reply.waitsSince(System.nanoTime());
    waiting.add(reply);
    if (!busy) {
      next(reply);
    }
  }

  private void next(Reply first) {
    busy = true;
    long now = System.nanoTime();
    long rest = Math.max(first.waitsSince() + holdNanos - now, notBefore - now);
    if (rest > 0) {
      var _ = loop.schedule(this::pass, rest, TimeUnit.NANOSECONDS);
    } else {
      loop.execute(this::pass); // behind what else has arrived
    }
  }

  private void pass() {
    started = System.nanoTime();
    for (Reply first = waiting.peek();
        first != null && first.waitsSince() + holdNanos - started <= 0;
        first = waiting.peek()) {
      writing.add(waiting.remove());
    }
    AtomicInteger left = new AtomicInteger(writing.size() + 1);
    Runnable oneLess =
        () -> {
          if (left.decrementAndGet() == 0) {
            loop.execute(this::done);
          }
        };
    for (int i = 0; i < writing.size(); i++) {
      var _ = writing.get(i).write().whenComplete((_, _) -> oneLess.run());
    }
    oneLess.run();
  }

  private void done() {
    writing.clear();
    long took = System.nanoTime() - started;
    meanNanos += (took - meanNanos) / SMOOTH;
    holdNanos = hold(meanNanos);
    notBefore = started + holdNanos / PASSES;
    busy = false;
    Reply first = waiting.peek();
    if (first != null) {
      next(first);
    }
  }

  private long hold(long pass) {
    return pass < LONG_NANOS
        ? Math.clamp(HELD * (pass - SHORT_NANOS), 0, joinNanos)
        : Math.min(joinNanos + HELD * (pass - LONG_NANOS), overloadNanos);
  }
}
