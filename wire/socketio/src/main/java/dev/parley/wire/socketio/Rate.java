package dev.parley.wire.socketio;

import java.time.Duration;

/**
 * How many packets and bytes a second somebody may send, and how much of it at once. Immutable.
 *
 * <p>A token bucket is kept as the one time at which it will be full again (GCRA): a packet moves
 * it on by what it costs, and may not move it further than a burst away. One that costs more than a
 * burst is let in by a full bucket.
 */
final class Rate {
  private static final double SECOND = 1e9;

  final String whose;
  final int events;
  final long bytes;
  private final long eventNanos;
  private final double byteNanos;
  private final long burstNanos;

  Rate(String whose, int events, long bytes, Duration burst) {
    this.whose = whose;
    this.events = events;
    this.bytes = bytes;
    this.eventNanos = events == 0 ? 0 : (long) (SECOND / events);
    this.byteNanos = bytes == 0 ? 0 : SECOND / bytes;
    this.burstNanos = burst.toNanos();
  }

  boolean isOff() {
    return events == 0 && bytes == 0;
  }

  /** What one packet costs of the packets. */
  long eventCost() {
    return eventNanos;
  }

  /** What a packet costs of the bytes. */
  long byteCost(int size) {
    return (long) (size * byteNanos);
  }

  /** How long until a bucket lets a packet in; 0 when it does now. */
  long delay(long fullAt, long cost, long now) {
    return Math.max(0, fullAt - now + Math.min(cost, burstNanos) - burstNanos);
  }

  /** The bucket after a packet. */
  static long charge(long fullAt, long now, long cost) {
    return (fullAt - now < 0 ? now : fullAt) + cost;
  }
}
