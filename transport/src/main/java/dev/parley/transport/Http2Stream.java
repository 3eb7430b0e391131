package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/** Serves one HTTP/2 stream: one request and its answer. Confined to the connection's loop. */
final class Http2Stream extends ChannelInboundHandlerAdapter {
  private static final int FRAME_HEADER_BYTES = 9; // counted by the stream's writability as well

  private final Connection connection;
  private final Http2 http2;
  private @Nullable ChannelHandlerContext ctx;
  private @Nullable Intake intake;
  private @Nullable Http2Exchange exchange;
  private boolean requestEnded;
  private long discardedBytes;
  private long bodyPaceNanos;
  private long takenBytes;
  private long takenNanos;

  Http2Stream(Connection connection, Http2 http2) {
    this.connection = connection;
    this.http2 = http2;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    bodyPaceNanos = System.nanoTime();
    takenNanos = bodyPaceNanos;
    http2.add(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    try {
      requestEnded |= msg instanceof LastHttpContent;
      if (exchange != null) {
        discard(ctx, msg);
        return;
      }
      if (msg instanceof HttpRequest head) {
        begin(ctx, head);
      }
      if (intake != null && msg instanceof HttpContent piece) {
        continueBody(ctx, intake, piece);
      }
    } catch (Intake.Refused e) {
      refuse(ctx, e.refusal);
    } finally {
      ReferenceCountUtil.release(msg);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) throws Intake.Refused {
    intake = Intake.http2(head, connection.scope);
    if (!requestEnded && head.headers().contains(HttpHeaderNames.EXPECT)) {
      Unawaited.started(
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER)));
    }
  }

  private void continueBody(ChannelHandlerContext ctx, Intake intake, HttpContent piece)
      throws Intake.Refused {
    if (!intake.add(piece, ctx.alloc())) {
      if (intake.keepsPace()) {
        bodyPaceNanos = System.nanoTime();
      }
      return;
    }
    this.intake = null;
    Http2Exchange exchange = new Http2Exchange(ctx, intake.head.method().equals(HttpMethod.HEAD));
    this.exchange = exchange;
    ByteBuf body = intake.takeBody();
    try {
      exchange.serve(intake, body);
    } finally {
      body.release();
    }
  }

  /**
   * Reads on past an answer given early, up to the limit of a body: many clients take a reset for a
   * failure even when the answer is whole (RFC 9113 §8.1 allows both).
   */
  private void discard(ChannelHandlerContext ctx, Object msg) {
    long steps = discardedBytes / connection.scope.bodyStepBytes;
    discardedBytes += msg instanceof HttpContent piece ? piece.content().readableBytes() : 0;
    if (discardedBytes / connection.scope.bodyStepBytes > steps) {
      bodyPaceNanos = System.nanoTime();
    }
    if (discardedBytes > connection.scope.config.maxBodyBytes()) {
      reset(ctx, Http2Error.NO_ERROR);
    }
  }

  private void refuse(ChannelHandlerContext ctx, Refusal refusal) {
    boolean head = intake != null && intake.head.method().equals(HttpMethod.HEAD);
    dropIntake();
    connection.log("refused: " + refusal.status() + " " + refusal.message());
    Http2Exchange answer = new Http2Exchange(ctx, head);
    exchange = answer;
    answer.refuse(refusal);
  }

  private void dropIntake() {
    if (intake != null) {
      intake.release();
      intake = null;
    }
  }

  /**
   * Closes the stream when its body pauses for too long or the client takes nothing of the answer.
   */
  void sweep(long nowNanos) {
    ChannelHandlerContext ctx = this.ctx;
    if (ctx == null) {
      return;
    }
    boolean late =
        !requestEnded
            && nowNanos - bodyPaceNanos >= connection.scope.config.bodyTimeout().toNanos();
    if (exchange == null) {
      if (late) {
        refuse(ctx, Refusal.BODY_TOO_LATE);
      }
      return;
    }
    if (late && !exchange.isOpen()) {
      reset(ctx, Http2Error.NO_ERROR);
      return;
    }
    long pending = pendingBytes(ctx.channel());
    long taken = exchange.writtenBytes - pending;
    if (pending <= 0 || taken > takenBytes) {
      takenBytes = taken;
      takenNanos = nowNanos;
    } else if (nowNanos - takenNanos >= connection.scope.config.stalledWriteTimeout().toNanos()) {
      connection.log(
          "reset a stream: the client took no byte for "
              + connection.scope.config.stalledWriteTimeout());
      reset(ctx, Http2Error.CANCEL);
    }
  }

  private long pendingBytes(Channel stream) {
    return stream.isWritable()
        ? connection.scope.config.writeHighBytes() - stream.bytesBeforeUnwritable() + 1
        : connection.scope.config.writeLowBytes() + stream.bytesBeforeWritable() - 1;
  }

  private static void reset(ChannelHandlerContext ctx, Http2Error error) {
    Unawaited.started(ctx.writeAndFlush(new DefaultHttp2ResetFrame(error)));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame) {
      gone();
    }
    ReferenceCountUtil.release(event);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (exchange != null) {
      exchange.becameWritable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
    http2.remove(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    channelInactive(ctx);
  }

  private void gone() {
    dropIntake();
    if (exchange != null) {
      exchange.gone();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connection.log("stream failed: " + cause);
    gone();
    Unawaited.started(ctx.close());
  }

  /** An answer over HTTP/2. Confined to the connection's loop. */
  final class Http2Exchange extends Exchange {
    private long writtenBytes;

    Http2Exchange(ChannelHandlerContext ctx, boolean answersHead) {
      super(Http2Stream.this.connection, ctx, answersHead);
    }

    @Override
    void prepare(DefaultHttpResponse response, boolean streaming) {
      response
          .headers()
          .remove(HttpHeaderNames.CONNECTION)
          .remove(HttpHeaderNames.TRANSFER_ENCODING); // RFC 9113 §8.2.2
    }

    @Override
    void writeFrame(SharedFrame frame) {
      ByteBuf body = frame.body().retainedDuplicate();
      writtenBytes += body.readableBytes() + FRAME_HEADER_BYTES;
      // Past the stream's HTTP codec, which would only wrap it.
      Unawaited.started(ctx.write(new DefaultHttp2DataFrame(body), ctx.voidPromise()));
    }

    /**
     * Never asked for: HTTP/2 has no Upgrade header (RFC 9113 §8.2.2), so the handshake refuses.
     */
    @Override
    WebSocket upgrade(WebSocketOptions options, boolean deflates, WebSocketListener listener) {
      throw new IllegalStateException("WebSocket: over HTTP/2 (expected: HTTP/1.1)");
    }

    @Override
    void onDone() {
      bodyPaceNanos = System.nanoTime(); // the rest of the request, if any, is discarded
    }

    @Override
    public void abort() {
      if (isOpen()) {
        reset(ctx, Http2Error.INTERNAL_ERROR);
        gone();
      }
    }
  }
}
