package dev.parley.transport;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts connections, all together and by remote address, and says who may come in. Any thread. */
final class Admission {
  private final int limit;
  private final int limitPerAddress;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder refused = new LongAdder();

  Admission(int limit, int limitPerAddress) {
    this.limit = limit;
    this.limitPerAddress = limitPerAddress;
  }

  /** True when the connection may come in, which {@link #leave} takes back. */
  boolean enter(InetAddress address) {
    if (open.incrementAndGet() <= limit) {
      if (byAddress.merge(address, 1, Integer::sum) <= limitPerAddress) {
        accepted.increment();
        return true;
      }
      leaveAddress(address);
    }
    open.decrementAndGet();
    refused.increment();
    return false;
  }

  void leave(InetAddress address) {
    open.decrementAndGet();
    leaveAddress(address);
  }

  private void leaveAddress(InetAddress address) {
    byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
  }

  int open() {
    return open.get();
  }

  long accepted() {
    return accepted.sum();
  }

  long refused() {
    return refused.sum();
  }
}
