package dev.parley.transport;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that wait for connections, on a thread of their own. Safe on any thread.
 *
 * <p>When thousands come back at once, as after a restart, a backlog that overflows drops them, and
 * who is dropped tries again after 1, 3, 7 and 15 s (RFC 6298 §2). So nothing else delays the
 * accepting, and where the system can share a port there are several backlogs.
 */
final class Listeners {
  private static final System.Logger LOG = System.getLogger(Listeners.class.getName());
  private static final Pattern NATIVE_CALL =
      Pattern.compile("^\\w+\\(..\\) failed with error\\(-\\d+\\): "); // as epoll reports it
  private static final int BACKLOG = 4096; // what Linux allows unless told otherwise
  private static final int BACKLOGS = 4;

  private final EventLoopGroup acceptor;
  private final List<Channel> channels;

  private Listeners(EventLoopGroup acceptor, List<Channel> channels) {
    this.acceptor = acceptor;
    this.channels = channels;
  }

  /**
   * Listens; what connects is served by {@code loops}.
   *
   * @throws IOException that says what cannot be bound
   */
  static Listeners open(
      TransportConfig config, Sockets sockets, EventLoopGroup loops, ChannelHandler connection)
      throws IOException {
    EventLoopGroup acceptor =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("parley-accept"), sockets.newFactory());
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(acceptor, loops)
            .channel(sockets.listener())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(config))
            .childHandler(connection);
    // The first does not share the port, so that another server on it is noticed.
    ChannelFuture first = bootstrap.bind(config.host(), config.port()).awaitUninterruptibly();
    if (!first.isSuccess()) {
      Unawaited.started(acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS));
      throw new IOException(complaint(config, first.cause()), first.cause());
    }
    List<Channel> channels = new ArrayList<>();
    channels.add(first.channel());
    if (sockets == Sockets.EPOLL) {
      share(first.channel(), bootstrap, channels);
    }
    return new Listeners(acceptor, List.copyOf(channels));
  }

  private static void share(Channel first, ServerBootstrap bootstrap, List<Channel> channels) {
    first.config().setOption(UnixChannelOption.SO_REUSEPORT, true);
    bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    while (channels.size() < BACKLOGS) {
      ChannelFuture another = bootstrap.bind(first.localAddress()).awaitUninterruptibly();
      if (!another.isSuccess()) {
        LOG.log(System.Logger.Level.DEBUG, "one backlog has to do", another.cause());
        return;
      }
      channels.add(another.channel());
    }
  }

  InetSocketAddress address() {
    return (InetSocketAddress) channels.getFirst().localAddress();
  }

  /** Lets nobody in any more; then runs {@code closed}, on any thread. */
  void close(Runnable closed) {
    acceptor.execute(() -> {
      channels.forEach(channel -> Unawaited.started(channel.close()));
      closed.run();
    });
  }

  /** Ends the thread too; waits for it. */
  void end() {
    channels.forEach(channel -> channel.close().awaitUninterruptibly());
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  private static String complaint(TransportConfig config, @Nullable Throwable cause) {
    String reason = cause == null ? "" : String.valueOf(cause.getMessage());
    if (reason.endsWith("Address already in use")) {
      return "transport.port: "
          + config.port()
          + " is in use (expected: a free port; another Parley may be running)";
    }
    if (reason.endsWith("Cannot assign requested address")
        || cause instanceof UnresolvedAddressException) {
      return "transport.host: " + config.host() + " (expected: an address of this machine)";
    }
    return "cannot listen on "
        + config.host()
        + ":"
        + config.port()
        + ": "
        + NATIVE_CALL.matcher(reason).replaceFirst("");
  }

  static WriteBufferWaterMark waterMark(TransportConfig config) {
    return new WriteBufferWaterMark(config.writeLowBytes(), config.writeHighBytes());
  }
}
