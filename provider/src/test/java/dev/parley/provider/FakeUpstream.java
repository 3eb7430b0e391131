package dev.parley.provider;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An upstream that answers with whatever bytes a test wants. Safe on any thread. */
public final class FakeUpstream implements AutoCloseable {
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final List<String> heads = new CopyOnWriteArrayList<>();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Channel server;
  private final String scheme;
  private volatile Script script = (body, client) -> client.close();

  /** Answers one request, on the server's thread. */
  public interface Script {
    void answer(String body, Client client);
  }

  /** Who asked. */
  public record Client(ChannelHandlerContext ctx) {
    public Client send(String text) {
      return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public Client send(byte[] bytes) {
      var _ = ctx.writeAndFlush(Unpooled.copiedBuffer(bytes));
      return this;
    }

    public Client later(int millis, Runnable what) {
      var _ = ctx.executor().schedule(what, millis, TimeUnit.MILLISECONDS);
      return this;
    }

    public void close() {
      var _ = ctx.close();
    }
  }

  public FakeUpstream() {
    this(null);
  }

  /** One with TLS, where it wants HTTP/1.1. */
  public FakeUpstream(@Nullable SslContext tls) {
    scheme = tls == null ? "http" : "https";
    server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accepted.incrementAndGet();
                    open.incrementAndGet();
                    channel.closeFuture().addListener(closed -> open.decrementAndGet());
                    if (tls != null) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                    }
                    channel
                        .pipeline()
                        .addLast(
                            new HttpRequestDecoder(),
                            new HttpServerExpectContinueHandler(),
                            new HttpObjectAggregator(10_000_000),
                            new Answering());
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
  }

  public URI base() {
    return URI.create(
        scheme + "://localhost:" + ((InetSocketAddress) server.localAddress()).getPort() + "/v1");
  }

  public FakeUpstream answering(Script with) {
    script = with;
    return this;
  }

  /** Connections open now. */
  public int open() {
    return open.get();
  }

  /** Connections there ever were. */
  public int accepted() {
    return accepted.get();
  }

  public int requests() {
    return bodies.size();
  }

  /** What was asked last. */
  public String lastBody() {
    return bodies.getLast();
  }

  public String lastHead() {
    return heads.getLast();
  }

  /** Events as a whole answer of chunks, one each. */
  public static String chunked(String... events) {
    StringBuilder answer = new StringBuilder(head());
    for (String event : events) {
      answer.append(chunk(event));
    }
    return answer.append("0\r\n\r\n").toString();
  }

  /** The head of an answer that streams. */
  public static String head() {
    return """
    HTTP/1.1 200 OK\r
    content-type: text/event-stream; charset=utf-8\r
    transfer-encoding: chunked\r
    \r
    """;
  }

  public static String chunk(String text) {
    int length = text.getBytes(StandardCharsets.UTF_8).length;
    return Integer.toHexString(length) + "\r\n" + text + "\r\n";
  }

  /** An answer with a length. */
  public static String plain(String status, String headers, String body) {
    return "HTTP/1.1 "
        + status
        + "\r\n"
        + headers
        + "content-length: "
        + body.getBytes(StandardCharsets.UTF_8).length
        + "\r\n\r\n"
        + body;
  }

  @Override
  public void close() {
    if (group.isShuttingDown()) {
      return;
    }
    server.close().syncUninterruptibly();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Answering extends SimpleChannelInboundHandler<FullHttpRequest> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
      String body = request.content().toString(StandardCharsets.UTF_8);
      heads.add(request.uri() + "\n" + request.headers());
      bodies.add(body);
      script.answer(body, new Client(ctx));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }
}
