package dev.parley.provider;

import dev.parley.provider.http.Upstream;
import dev.parley.provider.http.UpstreamConfig;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/** A client with one loop and a key. Safe on any thread. */
public final class TestEndpoint implements AutoCloseable {
  public static final String KEY = "sk-very-secret-0123456789";

  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          1, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final Upstream upstream;
  private final Dialect dialect;

  public TestEndpoint(URI base, Dialect dialect) {
    this(UpstreamConfig.of(base), dialect);
  }

  public TestEndpoint(UpstreamConfig config, Dialect dialect) {
    this.upstream = new Upstream(config, loops);
    this.dialect = dialect;
  }

  public EndpointProvider provider(EndpointConfig config) {
    return new EndpointProvider("test", dialect, upstream, ApiKey.of(KEY), config);
  }

  public Upstream upstream() {
    return upstream;
  }

  public EventLoopGroup loops() {
    return loops;
  }

  /** Returns when the loop has done what it was asked for before. */
  public void settle() {
    loops.submit(() -> {}).syncUninterruptibly();
  }

  @Override
  public void close() {
    upstream.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
