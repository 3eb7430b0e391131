package dev.parley.wire.socketio;

import io.netty.channel.EventLoop;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One event loop, as far as this wire gives it work. What a thread of the loop sends itself may
 * leave at once only while nothing that was posted before still waits.
 */
final class Lane {
  final EventLoop loop;
  final Traffic traffic = new Traffic();
  private final AtomicInteger posted = new AtomicInteger();

  Lane(EventLoop loop) {
    this.loop = loop;
  }

  void post(Runnable task) {
    posted.incrementAndGet();
    loop.execute(() -> {
      posted.decrementAndGet();
      task.run();
    });
  }

  /** Whether the calling thread is this loop and may go ahead. */
  boolean isFree() {
    return loop.inEventLoop() && posted.get() == 0;
  }
}
