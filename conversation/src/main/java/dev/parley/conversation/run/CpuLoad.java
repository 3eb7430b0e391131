package dev.parley.conversation.run;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How busy the processors are that this process may use, whoever keeps them so. Read again when it
 * is asked for, at most four times a second and on another thread, since it takes a millisecond:
 * nothing runs while nobody asks. Safe on any thread.
 */
final class CpuLoad {
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final AtomicLong next = new AtomicLong(System.nanoTime());
  private volatile double last; // 0 where the system does not say

  /**
   * The share of their time that they are busy, from 0 to 1.
   *
   * @param nanos now, by {@link System#nanoTime}
   */
  double at(long nanos) {
    long due = next.get();
    if (nanos - due >= 0 && next.compareAndSet(due, nanos + PERIOD_NANOS)) {
      Thread.ofVirtual().name("parley-cpu-load").start(() -> last = system.getCpuLoad());
    }
    return last;
  }
}
