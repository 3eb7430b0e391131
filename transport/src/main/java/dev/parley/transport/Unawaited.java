package dev.parley.transport;

import java.util.concurrent.Future;

/** Marks futures nobody waits for: Netty tells the pipeline of what fails. */
final class Unawaited {
  private Unawaited() {}

  static void started(Future<?> future) {}
}
