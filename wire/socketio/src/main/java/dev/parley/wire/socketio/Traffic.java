package dev.parley.wire.socketio;

import java.util.concurrent.atomic.AtomicLong;

/** What one event loop has carried since the start. Written by that loop, read by any thread. */
final class Traffic {
  private final AtomicLong packetsIn = new AtomicLong();
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong packetsOut = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();

  void received(int bytes) {
    add(packetsIn, 1);
    add(bytesIn, bytes);
  }

  void sent(int bytes) {
    add(packetsOut, 1);
    add(bytesOut, bytes);
  }

  TrafficStats stats() {
    return new TrafficStats(packetsIn.get(), bytesIn.get(), packetsOut.get(), bytesOut.get());
  }

  // One writer, so no atomic addition. For a moment after a connection has moved there may be two,
  // and a packet may go uncounted.
  private static void add(AtomicLong counter, long more) {
    counter.setRelease(counter.getPlain() + more);
  }
}
