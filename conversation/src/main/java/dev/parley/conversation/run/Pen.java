package dev.parley.conversation.run;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes what the replies of one loop have to say, in passes: all of them, once each. A pass begins
 * when the one before is stored, so pieces that come meanwhile are joined. While the loop is idle a
 * piece is written at once; after two passes of many replies that took long the next one rests for
 * a while, so that under load there are fewer and larger writes. A single one is a hiccup, and a
 * small one that took long waited for the device. Confined to its loop.
 */
final class Pen {
  private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final int REST = 3; // times as long as the shorter of the two passes before
  private static final int MANY = 32; // replies

  private final ScheduledExecutorService loop;
  private final long joinNanos;
  private final long overloadNanos;
  private List<Reply> waiting = new ArrayList<>();
  private List<Reply> writing = new ArrayList<>();
  private boolean busy; // a pass is under way, or will come
  private long notBefore = System.nanoTime();
  private long started;
  private long took; // by the pass before, 0 if it was small

  Pen(ScheduledExecutorService loop, RunConfig config) {
    this.loop = loop;
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
    long rest = notBefore - System.nanoTime();
    if (rest > 0) {
      var _ = loop.schedule(this::pass, rest, TimeUnit.NANOSECONDS);
    } else {
      loop.execute(this::pass); // behind what else has arrived
    }
  }

  private void pass() {
    List<Reply> batch = waiting;
    waiting = writing;
    writing = batch;
    started = System.nanoTime();
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
    long now = System.nanoTime();
    long before = took;
    took = writing.size() < MANY ? 0 : now - started;
    writing.clear();
    notBefore = now + rest(Math.min(before, took));
    busy = false;
    if (!waiting.isEmpty()) {
      next();
    }
  }

  private long rest(long pass) {
    return pass < SHORT_NANOS
        ? 0
        : Math.min(REST * pass, pass < LONG_NANOS ? joinNanos : overloadNanos);
  }
}
