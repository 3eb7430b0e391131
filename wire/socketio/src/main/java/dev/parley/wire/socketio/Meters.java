package dev.parley.wire.socketio;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The meters of users or addresses: of those who are here, and of those who have gone for as long
 * as it matters what they sent. Safe on any thread.
 */
final class Meters {
  private static final long SWEEP_NANOS = 1_000_000_000L;

  private final Rate rate;
  private final Map<String, Meter> meters = new ConcurrentHashMap<>();
  private final AtomicLong sweepAt;

  Meters(Rate rate, long now) {
    this.rate = rate;
    this.sweepAt = new AtomicLong(now + SWEEP_NANOS);
  }

  /** Who shares an address: in IPv6 one client has a whole /64. */
  static String of(InetAddress address) {
    return address instanceof Inet6Address v6
        ? HexFormat.of().formatHex(v6.getAddress(), 0, 8)
        : address.getHostAddress();
  }

  /** The meter of one more user, until {@link #release}; null when nothing is limited. */
  @Nullable Meter claim(String name, long now) {
    if (rate.isOff()) {
      return null;
    }
    sweep(now);
    return meters.compute(
        name,
        (_, known) -> {
          Meter meter = known == null ? new Meter(rate, now) : known;
          meter.users++;
          return meter;
        });
  }

  /** What it has sent counts on for one who comes back. */
  void release(String name, long now) {
    meters.computeIfPresent(
        name, (_, meter) -> --meter.users == 0 && meter.isFull(now) ? null : meter);
    sweep(now);
  }

  private void sweep(long now) {
    long due = sweepAt.get();
    if (now - due >= 0 && sweepAt.compareAndSet(due, now + SWEEP_NANOS)) {
      for (String name : meters.keySet()) {
        meters.computeIfPresent(
            name, (_, meter) -> meter.users == 0 && meter.isFull(now) ? null : meter);
      }
    }
  }

  int size() {
    return meters.size();
  }
}
