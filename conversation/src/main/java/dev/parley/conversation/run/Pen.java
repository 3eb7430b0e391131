package dev.parley.conversation.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes what the replies of one loop have to say, in passes: all of them, once each. While the
 * processors have time to spare a piece is written at once; the busier they are, the longer it is
 * from one pass to the next, so that pieces are joined, since a write costs many times what a piece
 * does. A pass begins only when the one before is stored. Confined to its loop.
 */
final class Pen {
  private static final double BUSY = 0.5; // share of the processors from which passes rest
  private static final double FULL = 0.9; // from where on they rest longer than usual

  private final ScheduledExecutorService loop;
  private final CpuLoad load;
  private final long joinNanos;
  private final long overloadNanos;
  private List<Reply> waiting = new ArrayList<>();
  private List<Reply> writing = new ArrayList<>();
  private boolean busy; // a pass is under way, or will come
  private long started = System.nanoTime();

  Pen(ScheduledExecutorService loop, CpuLoad load, RunConfig config) {
    this.loop = loop;
    this.load = load;
    this.joinNanos = config.join().toNanos();
    this.overloadNanos = config.overloadJoin().toNanos();
  }

  /** A reply has something to write; it says so once until it is written. */
  void wantsToWrite(Reply reply) {
    waiting.add(reply);
    if (!busy) {
      next();
    }
  }

  private void next() {
    busy = true;
    long now = System.nanoTime();
    long rest = started + period(load.at(now)) - now;
    if (rest > 0) {
      var _ = loop.schedule(this::pass, rest, TimeUnit.NANOSECONDS);
    } else {
      loop.execute(this::pass); // behind what else has arrived
    }
  }

  /** From the start of a pass to that of the next: at 0.9 {@code join}, at 1 the longest. */
  private long period(double busy) {
    double nanos =
        busy < FULL
            ? joinNanos * (busy - BUSY) / (FULL - BUSY)
            : joinNanos + (overloadNanos - joinNanos) * (busy - FULL) / (1 - FULL);
    return Math.max(0, (long) nanos);
  }

  private void pass() {
    started = System.nanoTime();
    List<Reply> batch = waiting;
    waiting = writing;
    writing = batch;
    AtomicInteger left = new AtomicInteger(batch.size());
    for (int i = 0; i < batch.size(); i++) {
      var _ =
          batch
              .get(i)
              .write()
              .whenComplete((_, _) -> {
                if (left.decrementAndGet() == 0) {
                  loop.execute(this::done);
                }
              });
    }
  }

  private void done() {
    writing.clear();
    busy = false;
    if (!waiting.isEmpty()) {
      next();
    }
  }
}
