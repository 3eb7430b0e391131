package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;

/**
 * Tells HTTP/2 with prior knowledge from HTTP/1.1 by its first bytes (RFC 9113 §3.4). Confined to
 * the connection's loop.
 */
final class Detection extends ByteToMessageDecoder {
  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf()).asReadOnly();

  private final Connection connection;
  private final Router router;
  private final int maxStreams;

  Detection(Connection connection, Router router, int maxStreams) {
    this.connection = connection;
    this.router = router;
    this.maxStreams = maxStreams;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int seen = Math.min(in.readableBytes(), PREFACE.readableBytes());
    if (!ByteBufUtil.equals(in, in.readerIndex(), PREFACE, 0, seen)) {
      HttpDecoderConfig config = new HttpDecoderConfig().setMaxHeaderSize(64 << 10);
      ctx.pipeline().addLast(new HttpRequestDecoder(config), new Http1(connection, router));
      ctx.pipeline().remove(this);
    } else if (seen == PREFACE.readableBytes()) {
      Http2.install(connection, router, ctx.pipeline(), maxStreams);
      ctx.pipeline().remove(this);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }
}
