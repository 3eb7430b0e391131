package dev.parley.wire.socketio;

import java.util.concurrent.atomic.LongAdder;

/** Counts what was done to clients that take too little or send too much. Safe on any thread. */
final class BackPressure {
  private final LongAdder waited = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder conflated = new LongAdder();
  private final LongAdder gaps = new LongAdder();
  private final LongAdder disconnected = new LongAdder();
  private final LongAdder overflowed = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder flooded = new LongAdder();

  void waited() {
    waited.increment();
  }

  void dropped() {
    dropped.increment();
  }

  void conflated() {
    conflated.increment();
  }

  void gap() {
    gaps.increment();
  }

  void disconnected() {
    disconnected.increment();
  }

  void overflowed() {
    overflowed.increment();
  }

  void refused() {
    refused.increment();
  }

  void flooded() {
    flooded.increment();
  }

  BackPressureStats stats() {
    return new BackPressureStats(
        waited.sum(),
        dropped.sum(),
        conflated.sum(),
        gaps.sum(),
        disconnected.sum(),
        overflowed.sum(),
        refused.sum(),
        flooded.sum());
  }
}
