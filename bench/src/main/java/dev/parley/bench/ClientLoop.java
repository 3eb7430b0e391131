package dev.parley.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The event loop that owns a generator's clients, and the local addresses they connect from. */
final class ClientLoop implements AutoCloseable {
  /**
   * From one address to one server the kernel gives away the ports of one parity first: beyond
   * 14,000 connections, those that wait for their last packets counted, it searches long.
   */
  private static final int SOURCES = 8;

  private static final int CONNECT_MILLIS = 30_000;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final List<Bootstrap> sources = new ArrayList<>(); // each with an address of its own
  private int opened; // confined to the loop

  ClientLoop() {
    for (int i = 1; i <= SOURCES; i++) {
      sources.add(
          new Bootstrap()
              .group(loop)
              .channel(EpollSocketChannel.class)
              .option(ChannelOption.TCP_NODELAY, true)
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
              .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
              .localAddress(new InetSocketAddress("127.0.0." + i, 0)));
    }
  }

  EventLoop loop() {
    return loop;
  }

  /** What opens a connection from the next address, to be cloned; on the loop. */
  Bootstrap source() {
    assert loop.inEventLoop();
    return sources.get(opened++ % SOURCES);
  }

  /** Acts on the loop; see {@link Pace}. */
  CompletableFuture<Void> pace(long begin, double perSecond, int count, Pace.Act act) {
    return Pace.start(loop, begin, perSecond, count, act);
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
