package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Serves one HTTP/1 connection: one request at a time, those sent ahead wait their turn (RFC 9112
 * §9.3.2). Confined to the connection's loop.
 */
final class Http1 extends ChannelInboundHandlerAdapter implements Protocol {
  private final Connection connection;
  private final Http1Codec codec;
  private final ChannelHandlerContext codecCtx;
  private @Nullable ChannelHandlerContext ctx;

  private @Nullable Intake intake; // the request being read
  private @Nullable Http1Exchange exchange; // the one being answered; never both
  // What was decoded ahead: one message at most, since decoding and reading pause while it waits.
  private @Nullable ArrayDeque<HttpObject> ahead;
  private boolean advancing;
  private boolean closing;
  private boolean draining;
  private boolean upgradeTried;

  Http1(Connection connection, Http1Codec codec, ChannelHandlerContext codecCtx) {
    this.connection = connection;
    this.codec = codec;
    this.codecCtx = codecCtx;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (closing || !(msg instanceof HttpObject object)) {
      // Raw bytes are those a client sent after its upgrade without waiting for the 101 (RFC 9110
      // §7.8).
      ReferenceCountUtil.release(msg);
    } else if (exchange != null || ahead != null || !ctx.channel().isWritable()) {
      readAhead(ctx, object);
    } else {
      accept(ctx, object);
    }
  }

  private void readAhead(ChannelHandlerContext ctx, HttpObject msg) {
    if (ahead == null) {
      ahead = new ArrayDeque<>(2);
      codec.pause();
      ctx.channel().config().setAutoRead(false);
    }
    ahead.add(msg);
  }

  /** Takes up what was read ahead, as far as answers are out and the client takes them. */
  private void advance(ChannelHandlerContext ctx) {
    if (advancing || ahead == null) {
      return;
    }
    advancing = true;
    ArrayDeque<HttpObject> waiting = ahead;
    while (!closing && exchange == null && !waiting.isEmpty() && ctx.channel().isWritable()) {
      accept(ctx, waiting.remove());
    }
    advancing = false;
    if (closing) {
      dropAhead();
    } else if (waiting.isEmpty()) {
      ahead = null;
      resume(ctx);
    }
  }

  private void resume(ChannelHandlerContext ctx) {
    try {
      codec.resume(codecCtx);
    } catch (Exception e) {
      exceptionCaught(ctx, e);
      return;
    }
    if (ahead == null) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private void accept(ChannelHandlerContext ctx, HttpObject msg) {
    try {
      if (msg instanceof HttpRequest head) {
        begin(ctx, head);
      }
      if (intake != null && !closing && msg instanceof HttpContent piece) {
        continueBody(ctx, intake, piece);
      }
    } catch (Intake.Refused refused) {
      refuse(ctx, refused.refusal);
    } finally {
      ReferenceCountUtil.release(msg);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest head) throws Intake.Refused {
    connection.enter(Connection.Phase.BODY);
    Intake intake = Intake.http1(head, connection.scope);
    if (!connection.secure && !draining && !upgradeTried && Http2.isUpgrade(head)) {
      upgradeTried = true;
      Http2.upgrade(
          connection,
          ctx,
          codec,
          codecCtx,
          head); // when it comes to nothing, the request is read again from there
      return;
    }
    this.intake = intake;
    if (intake.expectsContinue()) {
      Unawaited.started(
          ctx.writeAndFlush(
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER),
              ctx.voidPromise()));
    }
  }

  private void continueBody(ChannelHandlerContext ctx, Intake intake, HttpContent piece)
      throws Intake.Refused {
    if (!intake.add(piece, ctx.alloc())) {
      if (intake.keepsPace()) {
        connection.enter(Connection.Phase.BODY);
      }
      return;
    }
    this.intake = null;
    connection.enter(Connection.Phase.SERVING);
    Http1Exchange exchange = new Http1Exchange(ctx, intake.head);
    this.exchange = exchange;
    ByteBuf body = intake.takeBody();
    try {
      exchange.serve(intake, body);
    } finally {
      body.release();
    }
  }

  private void refuse(ChannelHandlerContext ctx, Refusal refusal) {
    HttpRequest head = intake == null ? null : intake.head;
    dropIntake();
    connection.log("refused: " + refusal.status() + " " + refusal.message());
    Http1Exchange answer = new Http1Exchange(ctx, head);
    answer.keepsAlive = false;
    exchange = answer;
    answer.refuse(refusal);
  }

  private void done(ChannelHandlerContext ctx, boolean keepsAlive) {
    exchange = null;
    if (closing) {
      return;
    }
    if (!keepsAlive || draining) {
      closing = true;
      dropAhead();
      connection.closeAfterWrites();
      return;
    }
    connection.enter(Connection.Phase.IDLE);
    advance(ctx);
  }

  /**
   * Hands the connection over once the handler has returned. Until then bytes stay undecoded: they
   * may be the first frames already.
   */
  private WebSocket upgrade(
      ChannelHandlerContext ctx,
      WebSocketOptions options,
      boolean deflates,
      WebSocketListener listener) {
    WebSocketChannel socket =
        new WebSocketChannel(connection, codecCtx, options, deflates, listener);
    codec.pause();
    ctx.executor().execute(() -> handOver(ctx, socket));
    return socket;
  }

  private void handOver(ChannelHandlerContext ctx, WebSocketChannel socket) {
    boolean early = ahead != null;
    exchange = null;
    closing = true;
    dropAhead();
    if (!ctx.channel().isActive()) {
      socket.gone();
      return;
    }
    if (early) {
      ctx.pipeline().remove(codec); // what it has not decoded comes here, and is dropped
      socket.install();
      ctx.pipeline().remove(this);
      socket.cameTooEarly();
    } else {
      socket.install();
      ctx.pipeline().remove(this);
      ctx.pipeline().remove(codec); // which hands on what it has not decoded
    }
    socket.start();
  }

  private void dropIntake() {
    if (intake != null) {
      intake.release();
      intake = null;
    }
  }

  private void dropAhead() {
    ArrayDeque<HttpObject> waiting = ahead;
    ahead = null;
    if (waiting != null) {
      waiting.forEach(ReferenceCountUtil::release);
      waiting.clear();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      if (exchange != null) {
        exchange.becameWritable();
      }
      advance(ctx);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    dropIntake();
    dropAhead();
    if (exchange != null) {
      Http1Exchange open = exchange;
      exchange = null;
      open.gone();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connection.log("failed: " + cause);
    Unawaited.started(ctx.close());
  }

  @Override
  public void onDeadline(Connection.Phase phase) {
    ChannelHandlerContext ctx = this.ctx;
    if (ctx == null || closing) {
      connection.close();
      return;
    }
    switch (phase) {
      case HEADERS -> refuse(ctx, Refusal.HEADERS_TOO_LATE);
      case BODY -> refuse(ctx, Refusal.BODY_TOO_LATE);
      case HANDSHAKE, IDLE, LINGER, SERVING, STREAMS, NO_STREAMS, CLOSING -> connection.close();
    }
  }

  @Override
  public void drain() {
    draining = true;
    if (exchange == null
        && intake == null
        && ahead == null
        && connection.phase() == Connection.Phase.IDLE) {
      closing = true;
      connection.closeAfterWrites();
    }
  }

  /** An answer over HTTP/1. Confined to the connection's loop. */
  final class Http1Exchange extends Exchange {
    private final boolean http10;
    private boolean keepsAlive;
    private boolean chunked;

    Http1Exchange(ChannelHandlerContext ctx, @Nullable HttpRequest head) {
      super(Http1.this.connection, ctx, head != null && head.method().equals(HttpMethod.HEAD));
      this.http10 = head != null && head.protocolVersion().minorVersion() == 0;
      this.keepsAlive = head != null && HttpUtil.isKeepAlive(head);
      codec.answersHead(head != null && head.method().equals(HttpMethod.HEAD));
    }

    @Override
    void prepare(DefaultHttpResponse response, boolean streaming) {
      if (HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(
          response.headers().get(HttpHeaderNames.CONNECTION, ""))) {
        keepsAlive = false;
      }
      keepsAlive &= !draining;
      if (streaming) {
        chunked = keepsAlive && !http10;
        keepsAlive &= chunked;
        if (chunked) {
          response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        }
      }
      if (!keepsAlive) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      } else if (http10) {
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
      }
    }

    /** Beneath the encoder: the chunk's frame is part of the shared bytes already. */
    @Override
    void writeFrame(SharedFrame frame) {
      ByteBuf bytes = chunked ? frame.chunk() : frame.body();
      Unawaited.started(codecCtx.write(bytes.retainedDuplicate(), codecCtx.voidPromise()));
    }

    @Override
    WebSocket upgrade(WebSocketOptions options, boolean deflates, WebSocketListener listener) {
      return Http1.this.upgrade(ctx, options, deflates, listener);
    }

    @Override
    void onDone() {
      done(ctx, keepsAlive);
    }

    @Override
    public void abort() {
      if (isOpen()) {
        connection.close();
      }
    }
  }
}
