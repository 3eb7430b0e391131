package dev.parley.webhook;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Warnings about one address: at most one in ten seconds, which counts the others. Safe on any
 * thread.
 */
public final class Complaints {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final System.Logger log;
  private final String about;
  private final LongAdder unmentioned = new LongAdder();
  private final AtomicLong next = new AtomicLong(System.nanoTime());

  public Complaints(System.Logger log, String about) {
    this.log = log;
    this.about = about;
  }

  public void failed(String why) {
    long now = System.nanoTime();
    long earliest = next.get();
    if (now - earliest < 0 || !next.compareAndSet(earliest, now + PAUSE_NANOS)) {
      unmentioned.increment();
      return;
    }
    long others = unmentioned.sumThenReset();
    log.log(
        System.Logger.Level.WARNING,
        about + ": " + why + (others == 0 ? "" : ", and " + others + " failures before"));
  }
}
