package dev.parley.hub;

import java.util.concurrent.atomic.LongAdder;

/** What the hub counts. Written by shards and loops, read by anyone. */
final class Counters {
  final LongAdder followers = new LongAdder();
  final LongAdder lagging = new LongAdder();
  final LongAdder liveStreams = new LongAdder();
  final LongAdder ringBytes = new LongAdder();
  final LongAdder delivered = new LongAdder();
  final LongAdder catchUps = new LongAdder();
  final LongAdder overruns = new LongAdder();

  HubStats read() {
    return new HubStats(
        followers.sum(),
        lagging.sum(),
        liveStreams.sum(),
        ringBytes.sum(),
        delivered.sum(),
        catchUps.sum(),
        overruns.sum());
  }
}
