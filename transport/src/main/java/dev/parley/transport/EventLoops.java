package dev.parley.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The threads that connections live on, for a server and whoever works beside it on the same
 * threads. Safe on any thread. Closed after all that uses them.
 */
public final class EventLoops implements AutoCloseable {
  private static final int STOP_SECONDS = 5;

  private final EventLoopGroup group;
  private final Sockets sockets;

  private EventLoops(EventLoopGroup group, Sockets sockets) {
    this.group = group;
    this.sockets = sockets;
  }

  /** As many as {@code config} says. */
  public static EventLoops start(TransportConfig config) {
    return start(config, Sockets.best());
  }

  static EventLoops start(TransportConfig config, Sockets sockets) {
    return new EventLoops(
        new MultiThreadIoEventLoopGroup(
            config.eventLoops(), new DefaultThreadFactory("parley-loop"), sockets.newFactory()),
        sockets);
  }

  public EventLoopGroup group() {
    return group;
  }

  /** Each of them. */
  public List<EventLoop> all() {
    List<EventLoop> all = new ArrayList<>();
    for (EventExecutor executor : group) {
      all.add((EventLoop) executor);
    }
    return all;
  }

  Sockets sockets() {
    return sockets;
  }

  /** Ends them; waits until the last callback has run. */
  @Override
  public void close() {
    group
        .shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(2 * STOP_SECONDS, TimeUnit.SECONDS);
  }
}
