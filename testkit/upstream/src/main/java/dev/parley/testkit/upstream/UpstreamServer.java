package dev.parley.testkit.upstream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.IdentityHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The upstream, listening. Its methods are for any thread. */
final class UpstreamServer implements AutoCloseable {
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(128 << 10, 256 << 10);

  /**
   * How it runs.
   *
   * @param tickNanos how coarse time is; what is due in one tick is written together
   * @param maxStreams of one HTTP/2 connection
   */
  record Config(String host, int port, int loops, long tickNanos, int maxStreams) {}

  private final EventLoopGroup group;
  private final Channel listener;
  private final ChannelGroup channels;

  private UpstreamServer(EventLoopGroup group, Channel listener, ChannelGroup channels) {
    this.group = group;
    this.listener = listener;
    this.channels = channels;
  }

  /** Binds and serves. @throws IOException that says what cannot be bound */
  static UpstreamServer start(Config config, RequestLog log) throws IOException {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> sockets =
        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(config.loops(), io);
    IdentityHashMap<EventLoop, Wheel> wheels = new IdentityHashMap<>();
    for (EventExecutor executor : group) {
      EventLoop loop = (EventLoop) executor;
      wheels.put(loop, new Wheel(loop, config.tickNanos()));
    }
    Stats stats = new Stats();
    Router router = new Router(stats, log);
    ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    AtomicLong connections = new AtomicLong();
    ChannelInitializer<Channel> accept =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            Wheel wheel = wheels.get(channel.eventLoop());
            if (wheel == null) {
              throw new IllegalStateException("a loop of another group");
            }
            channels.add(channel);
            Connection connection =
                new Connection(connections.incrementAndGet(), channel, wheel, stats);
            var _ = channel.closeFuture().addListener(_ -> connection.onClosed());
            channel.pipeline().addLast(new Detection(connection, router, config.maxStreams()));
          }
        };
    var bound =
        new ServerBootstrap()
            .group(group)
            .channel(sockets)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
            .childHandler(accept)
            .bind(config.host(), config.port())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException(
          "upstream.port: " + config.port() + " (expected: a free port)", bound.cause());
    }
    return new UpstreamServer(group, bound.channel(), channels);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  URI uri() {
    return URI.create("http://" + address().getHostString() + ":" + address().getPort());
  }

  /** Returns when it has been closed. */
  void awaitClose() {
    listener.closeFuture().awaitUninterruptibly();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    channels.close().awaitUninterruptibly(); // while the loops still let go of what waits in them
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }
}
