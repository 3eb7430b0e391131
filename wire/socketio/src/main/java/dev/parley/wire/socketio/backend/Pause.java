package dev.parley.wire.socketio.backend;

import java.time.Duration;

/** Waits; a test counts instead. */
@FunctionalInterface
interface Pause {
  void sleep(Duration duration) throws InterruptedException;
}
