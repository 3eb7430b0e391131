package dev.parley.wire.durable.subscription;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends webhook requests: one connection each, to the very address that was checked, no redirects,
 * small answers, one time limit over everything. May be called on any thread; its own event loop
 * does the work and its own threads look up names.
 */
final class WebhookClient implements AutoCloseable {
  private static final int MAX_RESPONSE_BYTES = 64 << 10;
  private static final int MAX_HEADER_BYTES = 16 << 10;
  private static final int RESOLVERS = 4;

  private final PrivateTargets allowed;
  private final WebhookTarget.Names names;
  private final @Nullable TrustManagerFactory trust;
  private final MultiThreadIoEventLoopGroup loops;
  private final ThreadPoolExecutor resolvers;
  private @Nullable SslContext tls; // made on first use, under the monitor

  WebhookClient(PrivateTargets allowed) {
    this(allowed, InetAddress::getAllByName, null);
  }

  /**
   * @param names looks up hosts
   * @param trust judges certificates; {@code null} for what the Java runtime trusts
   */
  WebhookClient(
      PrivateTargets allowed, WebhookTarget.Names names, @Nullable TrustManagerFactory trust) {
    this.allowed = allowed;
    this.names = names;
    this.trust = trust;
    this.loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("parley-webhooks", true), NioIoHandler.newFactory());
    this.resolvers =
        new ThreadPoolExecutor(
            RESOLVERS,
            RESOLVERS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by webhooks.concurrency
            new DefaultThreadFactory("parley-webhook-names", true));
    resolvers.allowCoreThreadTimeOut(true);
  }

  /** A receiver's answer. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  record Reply(int status, byte[] body) {
    boolean accepted() {
      return status >= 200 && status < 300;
    }
  }

  /** Posts {@code body}; fails with an {@link IOException} or a time-out. */
  CompletableFuture<Reply> post(URI url, byte[] body, String signature, Duration timeout) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    try {
      resolvers.execute(() -> {
        try {
          connect(url, WebhookTarget.resolve(url, allowed, names), body, signature, timeout, reply);
        } catch (IOException | RuntimeException e) {
          reply.completeExceptionally(e);
        }
      });
    } catch (RejectedExecutionException e) {
      reply.completeExceptionally(new IOException("webhooks: the server is stopping", e));
    }
    return reply.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void connect(
      URI url,
      InetSocketAddress address,
      byte[] body,
      String signature,
      Duration timeout,
      CompletableFuture<Reply> reply)
      throws SSLException {
    if (reply.isDone()) {
      return; // the name took longer than the time there was
    }
    SslContext context = WebhookTarget.isEncrypted(url) ? tls() : null;
    ChannelFuture connecting =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Integer.MAX_VALUE, timeout.toMillis()))
            .handler(new Pipeline(url, context, reply))
            .connect(address);
    Channel channel = connecting.channel();
    // Whatever ends the wait, a time-out included, ends the connection.
    CompletableFuture<?> _ =
        reply.whenComplete((_, _) -> {
          Future<?> _ = channel.close();
        });
    connecting.addListener(done -> {
      if (!done.isSuccess()) {
        reply.completeExceptionally(done.cause());
        return;
      }
      channel
          .writeAndFlush(request(url, body, signature))
          .addListener(written -> {
            if (!written.isSuccess()) {
              reply.completeExceptionally(written.cause());
            }
          });
    });
  }

  private synchronized SslContext tls() throws SSLException {
    SslContext context = tls;
    if (context == null) {
      context =
          SslContextBuilder.forClient()
              .trustManager(trust)
              .endpointIdentificationAlgorithm("HTTPS")
              .build();
      tls = context;
    }
    return context;
  }

  private static DefaultFullHttpRequest request(URI url, byte[] body, String signature) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    DefaultFullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, target, Unpooled.wrappedBuffer(body));
    request
        .headers()
        .set(HttpHeaderNames.HOST, url.getRawAuthority())
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CONTENT_LENGTH, body.length)
        .set(HttpHeaderNames.ACCEPT, "application/json")
        .set(HttpHeaderNames.USER_AGENT, "parley")
        .set(HttpHeaderNames.CONNECTION, "close")
        .set("webhook-signature", signature);
    return request;
  }

  /** The handlers of one connection, in order. */
  private static final class Pipeline extends ChannelInitializer<SocketChannel> {
    private final URI url;
    private final @Nullable SslContext context;
    private final CompletableFuture<Reply> reply;

    Pipeline(URI url, @Nullable SslContext context, CompletableFuture<Reply> reply) {
      this.url = url;
      this.context = context;
      this.reply = reply;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (context != null) {
        // The certificate is checked against the name, whatever address was dialled.
        channel
            .pipeline()
            .addLast(
                context.newHandler(channel.alloc(), url.getHost(), Math.max(url.getPort(), 0)));
      }
      channel
          .pipeline()
          .addLast(new HttpClientCodec(4_096, MAX_HEADER_BYTES, 8_192))
          .addLast(new HttpObjectAggregator(MAX_RESPONSE_BYTES))
          .addLast(new Answer(reply));
    }
  }

  /** Takes the whole answer; confined to the connection's event loop. */
  private static final class Answer extends SimpleChannelInboundHandler<FullHttpResponse> {
    private final CompletableFuture<Reply> reply;

    Answer(CompletableFuture<Reply> reply) {
      this.reply = reply;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpResponse response) {
      int status = response.status().code();
      if (status < 200) {
        return; // interim: the answer is still to come (RFC 9110 §15.2)
      }
      if (response.decoderResult().isFailure()) {
        reply.completeExceptionally(new IOException("webhook answer: malformed"));
        return;
      }
      byte[] body = new byte[response.content().readableBytes()];
      response.content().readBytes(body);
      reply.complete(new Reply(status, body));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      reply.completeExceptionally(new IOException("webhook answer: the connection was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      reply.completeExceptionally(cause);
    }
  }

  @Override
  public void close() {
    resolvers.shutdownNow();
    Future<?> _ = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
