package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Speaks HTTP/1.1 on one connection, one request at a time. Answers are framed by hand, in the
 * buffer they were written to. Confined to the connection's loop.
 */
final class Http1 extends ChannelInboundHandlerAdapter {
  private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
  private static final String LAST_CHUNK = "0\r\n\r\n";
  private static final int SIZE_DIGITS = 6; // leading zeros are fine (RFC 9112 §7.1)
  private static final int SIZE_LINE = SIZE_DIGITS + 2;
  private static final int PIECE = 512;

  private final Connection connection;
  private final Router router;
  private @Nullable HttpRequest head;
  private @Nullable ByteArrayOutputStream body;
  private @Nullable Answer current;

  Http1(Connection connection, Router router) {
    this.connection = connection;
    this.router = router;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    try {
      if (current != null
          || (msg instanceof HttpObject object && object.decoderResult().isFailure())) {
        var _ = ctx.close(); // no HTTP, or a request before the last one was answered
        return;
      }
      if (msg instanceof HttpRequest request) {
        begin(ctx, request);
      }
      if (msg instanceof HttpContent content) {
        take(ctx, content);
      }
    } finally {
      ReferenceCountUtil.release(msg);
    }
  }

  private void begin(ChannelHandlerContext ctx, HttpRequest request) {
    head = request;
    body = new ByteArrayOutputStream();
    if (HttpUtil.is100ContinueExpected(request)) {
      var _ = ctx.writeAndFlush(ascii(ctx, CONTINUE), ctx.voidPromise());
    }
  }

  private void take(ChannelHandlerContext ctx, HttpContent content) {
    HttpRequest head = this.head;
    ByteArrayOutputStream body = this.body;
    if (head == null || body == null) {
      return;
    }
    byte[] bytes = new byte[content.content().readableBytes()];
    content.content().readBytes(bytes);
    body.writeBytes(bytes);
    if (body.size() > Request.MAX_BODY) {
      var _ = ctx.close();
    } else if (content instanceof LastHttpContent) {
      this.body = null;
      Answer answer = new Answer(ctx, HttpUtil.isKeepAlive(head));
      current = answer;
      String key =
          Request.key(
              head.headers().get(HttpHeaderNames.AUTHORIZATION, ""),
              head.headers().get("x-api-key", ""));
      router.route(
          answer,
          new Request(
              head.method().name(), head.uri(), key, body.toString(StandardCharsets.UTF_8)));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (current != null) {
      current.tellGone();
      current = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close(); // the client's reset; what it leaves behind is told by channelInactive
  }

  private static ByteBuf ascii(ChannelHandlerContext ctx, String text) {
    ByteBuf bytes = ctx.alloc().buffer(text.length());
    bytes.writeCharSequence(text, StandardCharsets.US_ASCII);
    return bytes;
  }

  /** An answer over HTTP/1.1. Confined to the connection's loop. */
  private final class Answer extends Exchange {
    private final ChannelHandlerContext ctx;
    private final boolean keepAlive;

    Answer(ChannelHandlerContext ctx, boolean keepAlive) {
      super(Http1.this.connection);
      this.ctx = ctx;
      this.keepAlive = keepAlive;
    }

    @Override
    void answer(int status, Map<String, String> headers, byte[] body) {
      write(status, headers, "content-length: " + body.length);
      var _ = ctx.write(ctx.alloc().buffer(body.length).writeBytes(body), ctx.voidPromise());
      finish();
    }

    @Override
    void head(int status, Map<String, String> headers) {
      write(status, headers, "transfer-encoding: chunked");
    }

    private void write(int status, Map<String, String> headers, String framing) {
      StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(' ');
      head.append(HttpResponseStatus.valueOf(status).reasonPhrase()).append("\r\n");
      headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
      head.append(keepAlive ? "" : "connection: close\r\n").append(framing).append("\r\n\r\n");
      var _ = ctx.write(ascii(ctx, head.toString()), ctx.voidPromise());
    }

    @Override
    ByteBuf begin() {
      return ctx.alloc().buffer(PIECE).writeZero(SIZE_LINE);
    }

    @Override
    void write(ByteBuf piece) {
      int start = piece.readerIndex();
      int size = piece.readableBytes() - SIZE_LINE;
      if (size == 0) { // would be the last chunk
        piece.release();
        return;
      }
      for (int i = start + SIZE_DIGITS - 1; i >= start; i--) {
        piece.setByte(i, Character.forDigit(size & 15, 16));
        size >>= 4;
      }
      piece.setShort(start + SIZE_DIGITS, '\r' << 8 | '\n');
      var _ = ctx.write(piece.writeShort('\r' << 8 | '\n'), ctx.voidPromise());
    }

    @Override
    ByteBuf body(ByteBuf piece) {
      return piece.skipBytes(SIZE_LINE);
    }

    @Override
    void flush() {
      ctx.flush();
    }

    @Override
    void flushNow() {
      ctx.flush();
    }

    @Override
    void end() {
      var _ = ctx.write(ascii(ctx, LAST_CHUNK), ctx.voidPromise());
      finish();
    }

    private void finish() {
      forget();
      current = null;
      ctx.flush();
      if (!keepAlive) {
        var _ = ctx.close();
      }
    }

    @Override
    void cut() {
      forget();
      connection.die();
    }

    @Override
    void truncate() {
      forget();
      connection.close();
    }

    @Override
    boolean isWritable() {
      return ctx.channel().isWritable();
    }
  }
}
