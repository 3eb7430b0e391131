package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a loop rests. */
final class LoopTest {
  private static final Duration REST = Duration.ofMillis(1);
  private static final int PASSES = 20_000; // enough to make it rest, and far more
  private static final int CONNECTIONS = 99;
  private static final int EACH = 3; // connections that a pass flushes

  // Else what has arrived, a stop or a new client, waits to be read until each pass had its rest.
  @Test
  void itRestsOnceBeforeItReadsHoweverManyPassesThereWere() throws InterruptedException {
    TestConfig settings = new TestConfig();
    settings.eventLoops = 1;
    try (EventLoops threads = EventLoops.start(settings.build())) {
      EventLoop executor = threads.all().getFirst();
      Scope scope =
          new Scope(settings.build(), (_, _) -> {}, TransportObserver.NONE, /* tls= */ null);
      Loop loop = new Loop(executor, TransportObserver.NONE, new Pacing(REST.toNanos()));
      CountDownLatch done = new CountDownLatch(1);
      executor.execute(() -> {
        List<Connection> connections = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
          connections.add(connection(scope, loop));
        }
        passes(loop, connections, PASSES, done);
      });

      assertThat(done.await(PASSES * REST.toMillis() / 4, TimeUnit.MILLISECONDS)).isTrue();
    }
  }

  /** One after the other: each is asked for when the one before has been flushed. */
  private static void passes(
      Loop loop, List<Connection> connections, int left, CountDownLatch done) {
    if (left == 0) {
      done.countDown();
      return;
    }
    for (int i = 0; i < EACH; i++) {
      loop.flushLater(connections.get((left * EACH + i) % CONNECTIONS));
    }
    loop.executor.execute(() -> passes(loop, connections, left - 1, done));
  }

  private static Connection connection(Scope scope, Loop loop) {
    return new Connection(
        new EmbeddedChannel(),
        scope,
        loop,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 1),
        false);
  }
}
