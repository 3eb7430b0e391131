package dev.parley.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ServerUpgradeCodec;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves one HTTP/2 connection: the end of its pipeline, which knows its open streams. Confined to
 * the connection's loop.
 */
final class Http2 extends ChannelInboundHandlerAdapter implements Protocol {
  private static final int MAX_STREAMS = 256;
  private static final int STREAM_WINDOW = 256 << 10;
  private static final int CONNECTION_WINDOW = 1 << 20;
  private static final int MAX_RESETS = 200; // CVE-2023-44487, rapid reset
  private static final int RESETS_WINDOW_SECONDS = 30;

  private final Connection connection;
  private final Set<Http2Stream> streams = new HashSet<>();
  private @Nullable ChannelHandlerContext ctx;
  private boolean goingAway;

  private Http2(Connection connection) {
    this.connection = connection;
  }

  /** Lets the connection speak HTTP/2 from its first byte on. */
  static void install(Connection connection, ChannelPipeline pipeline) {
    Http2 http2 = new Http2(connection);
    pipeline.addLast(codec(connection.scope.config), http2.multiplexer(), http2);
  }

  private static Http2FrameCodec codec(TransportConfig config) {
    return Http2FrameCodecBuilder.forServer()
        .initialSettings(
            Http2Settings.defaultSettings()
                .maxConcurrentStreams(MAX_STREAMS)
                .initialWindowSize(STREAM_WINDOW)
                .maxHeaderListSize(config.maxHeaderBytes()))
        .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_WINDOW_SECONDS)
        .encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_WINDOW_SECONDS)
        .decoderEnforceMaxConsecutiveEmptyDataFrames(2)
        .decoderEnforceMaxSmallContinuationFrames(16)
        .encoderEnforceMaxQueuedControlFrames(
            1000) // answers to SETTINGS and PING a client makes us queue
        .encoderEnforceMaxConcurrentStreams(false)
        .validateHeaders(true)
        .gracefulShutdownTimeoutMillis(1000)
        .build();
  }

  private Http2MultiplexHandler multiplexer() {
    return new Http2MultiplexHandler(
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel stream) {
            stream.config().setWriteBufferWaterMark(Listeners.waterMark(connection.scope.config));
            stream
                .pipeline()
                .addLast(
                    new Http2StreamFrameToHttpObjectCodec(true, true),
                    new Http2Stream(connection, Http2.this));
          }
        });
  }

  /**
   * Whether a client that speaks HTTP/1.1 offers to go on in HTTP/2 (RFC 7540 §3.2); with a body it
   * stays in HTTP/1.1.
   */
  static boolean isUpgrade(HttpRequest head) {
    HttpHeaders headers = head.headers();
    return headers.contains(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER)
        && headers.containsValue(
            HttpHeaderNames.UPGRADE, Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, true)
        && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        && "0".equals(headers.get(HttpHeaderNames.CONTENT_LENGTH, "0"));
  }

  /** Goes on in HTTP/2, with {@code head} as the first stream. */
  static void upgrade(
      Connection connection,
      ChannelHandlerContext http1,
      Http1Codec codec,
      ChannelHandlerContext codecCtx,
      HttpRequest head) {
    Http2 http2 = new Http2(connection);
    HttpServerUpgradeHandler.UpgradeCodecFactory factory =
        protocol ->
            AsciiString.contentEquals(Http2CodecUtil.HTTP_UPGRADE_PROTOCOL_NAME, protocol)
                ? new Upgrade(codec(connection.scope.config), http1, http2)
                : null;
    http1.pipeline().addAfter(codecCtx.name(), null, new HttpServerUpgradeHandler(codec, factory));
    codecCtx.fireChannelRead(ReferenceCountUtil.retain(head));
  }

  private static final class Upgrade extends Http2ServerUpgradeCodec {
    private final ChannelHandlerContext http1;

    Upgrade(Http2FrameCodec codec, ChannelHandlerContext http1, Http2 http2) {
      super(codec, http2.multiplexer(), http2);
      this.http1 = http1;
    }

    @Override
    public void upgradeTo(ChannelHandlerContext ctx, FullHttpRequest request) {
      request
          .headers()
          .remove(HttpHeaderNames.UPGRADE)
          .remove(Http2CodecUtil.HTTP_UPGRADE_SETTINGS_HEADER);
      super.upgradeTo(ctx, request);
      http1.pipeline().remove(http1.handler());
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Http2Exception {
    this.ctx = ctx;
    Http2FrameCodec codec = ctx.pipeline().get(Http2FrameCodec.class);
    codec
        .connection()
        .local()
        .flowController()
        .incrementWindowSize(
            codec.connection().connectionStream(),
            CONNECTION_WINDOW - Http2CodecUtil.DEFAULT_WINDOW_SIZE);
    settle();
    connection.speak(this);
  }

  void add(Http2Stream stream) {
    streams.add(stream);
    connection.enter(Connection.Phase.STREAMS);
  }

  void remove(Http2Stream stream) {
    if (streams.remove(stream)) {
      settle();
    }
  }

  /** Without streams the connection is idle, or done when it is going away. */
  private void settle() {
    if (!streams.isEmpty()) {
      return;
    }
    if (goingAway) {
      closeSoon();
    } else {
      connection.enter(Connection.Phase.NO_STREAMS);
    }
  }

  private void closeSoon() {
    ChannelHandlerContext ctx = this.ctx;
    if (ctx != null) {
      // After the writes of the stream that ends just now.
      ctx.executor().execute(connection::closeAfterWrites);
    }
  }

  @Override
  public void sweep(long nowNanos) {
    for (Http2Stream stream : new ArrayList<>(streams)) {
      stream.sweep(nowNanos);
    }
  }

  @Override
  public void onDeadline(Connection.Phase phase) {
    drain();
  }

  @Override
  public void drain() {
    ChannelHandlerContext ctx = this.ctx;
    if (goingAway || ctx == null) {
      return;
    }
    goingAway = true;
    Unawaited.started(ctx.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR)));
    settle();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ReferenceCountUtil.release(msg); // frames of the connection itself: SETTINGS, PING, GOAWAY
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ReferenceCountUtil.release(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connection.log("failed: " + cause);
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      Unawaited.started(ctx.close());
    } // else the codec says why and closes; closing here would say first that nothing is wrong
  }
}
