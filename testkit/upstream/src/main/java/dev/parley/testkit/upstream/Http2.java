package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Speaks HTTP/2 on one connection, without a channel for each stream: frames go straight to the
 * codec, and those of one turn leave together. Confined to the connection's loop.
 */
final class Http2 extends ChannelInboundHandlerAdapter {
  private static final int REQUEST_WINDOW = 1 << 20;
  private static final int PIECE = 512;

  private final Connection connection;
  private final Router router;
  private final Http2FrameCodec codec;
  private final IntObjectMap<Answer> answers = new IntObjectHashMap<>();
  private boolean flushing;

  private Http2(Connection connection, Router router, Http2FrameCodec codec) {
    this.connection = connection;
    this.router = router;
    this.codec = codec;
  }

  static void install(
      Connection connection, Router router, ChannelPipeline pipeline, int maxStreams) {
    Http2FrameCodec codec =
        Http2FrameCodecBuilder.forServer()
            .initialSettings(
                Http2Settings.defaultSettings()
                    .maxConcurrentStreams(maxStreams)
                    .initialWindowSize(REQUEST_WINDOW))
            // A thousand stops are no attack here; real providers allow some hundreds in half a
            // minute.
            .decoderEnforceMaxRstFramesPerWindow(0, 0)
            .encoderEnforceMaxRstFramesPerWindow(0, 0)
            .gracefulShutdownTimeoutMillis(0)
            .build();
    pipeline.addLast(codec, new Http2(connection, router, codec));
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    try {
      if (msg instanceof Http2HeadersFrame frame) {
        begin(ctx, frame);
      } else if (msg instanceof Http2DataFrame frame) {
        take(ctx, frame);
      } else if (msg instanceof Http2ResetFrame frame) {
        Answer answer = answers.remove(frame.stream().id());
        if (answer != null) {
          answer.tellGone();
        }
      }
    } finally {
      ReferenceCountUtil.release(msg);
    }
  }

  private void begin(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
    Answer answer = answers.get(frame.stream().id());
    if (answer == null) {
      answer = new Answer(ctx, frame.stream(), frame.headers());
      answers.put(frame.stream().id(), answer);
    }
    if (frame.isEndStream()) { // after trailers, too
      route(answer);
    }
  }

  private void take(ChannelHandlerContext ctx, Http2DataFrame frame) {
    var _ =
        ctx.write(
            new DefaultHttp2WindowUpdateFrame(frame.initialFlowControlledBytes())
                .stream(frame.stream()));
    Answer answer = answers.get(frame.stream().id());
    if (answer == null) {
      return;
    }
    byte[] bytes = new byte[frame.content().readableBytes()];
    frame.content().readBytes(bytes);
    answer.body.writeBytes(bytes);
    if (answer.body.size() > Request.MAX_BODY) {
      answer.cut();
    } else if (frame.isEndStream()) {
      route(answer);
    }
  }

  private void route(Answer answer) {
    Http2Headers head = answer.head;
    String key =
        Request.key(head.get(HttpHeaderNames.AUTHORIZATION, ""), head.get("x-api-key", ""));
    router.route(
        answer,
        new Request(
            String.valueOf(head.method()),
            String.valueOf(head.path()),
            key,
            answer.body.toString(StandardCharsets.UTF_8)));
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    for (Answer answer : List.copyOf(answers.values())) {
      answer.tellGone();
    }
    answers.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close(); // the client's reset, or no HTTP/2
  }

  private void flushSoon(ChannelHandlerContext ctx) {
    if (!flushing) {
      flushing = true;
      connection.wheel.atTurnEnd(() -> {
        flushing = false;
        ctx.flush();
      });
    }
  }

  /** An answer over HTTP/2: one stream. Confined to the connection's loop. */
  private final class Answer extends Exchange {
    private final ChannelHandlerContext ctx;
    private final Http2FrameStream stream;
    private final Http2Headers head;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Answer(ChannelHandlerContext ctx, Http2FrameStream stream, Http2Headers head) {
      super(Http2.this.connection);
      this.ctx = ctx;
      this.stream = stream;
      this.head = head;
    }

    @Override
    void answer(int status, Map<String, String> headers, byte[] body) {
      head(status, headers);
      finish(Unpooled.wrappedBuffer(body));
    }

    @Override
    void head(int status, Map<String, String> headers) {
      Http2Headers fields = new DefaultHttp2Headers().status(Integer.toString(status));
      headers.forEach(fields::set);
      var _ = ctx.write(new DefaultHttp2HeadersFrame(fields).stream(stream));
    }

    @Override
    ByteBuf begin() {
      return ctx.alloc().buffer(PIECE);
    }

    @Override
    void write(ByteBuf piece) {
      if (!piece.isReadable()) { // many empty frames are taken for an attack
        piece.release();
        return;
      }
      var _ = ctx.write(new DefaultHttp2DataFrame(piece).stream(stream));
    }

    @Override
    ByteBuf body(ByteBuf piece) {
      return piece;
    }

    @Override
    void flush() {
      flushSoon(ctx);
    }

    @Override
    void flushNow() {
      ctx.flush();
    }

    @Override
    void end() {
      finish(Unpooled.EMPTY_BUFFER);
    }

    private void finish(ByteBuf last) {
      forget();
      answers.remove(stream.id());
      var _ = ctx.write(new DefaultHttp2DataFrame(last, true).stream(stream));
      flushSoon(ctx);
    }

    @Override
    void cut() {
      forget();
      answers.remove(stream.id());
      var _ = ctx.write(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR).stream(stream));
      flushSoon(ctx);
    }

    @Override
    void truncate() {
      forget();
      connection.close();
    }

    @Override
    boolean isWritable() {
      Http2Stream state = codec.connection().stream(stream.id());
      return state == null || codec.connection().remote().flowController().isWritable(state);
    }
  }
}
