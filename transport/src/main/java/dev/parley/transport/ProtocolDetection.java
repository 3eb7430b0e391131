package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells HTTP/2 with prior knowledge from HTTP/1 by its first bytes (RFC 9113 §3.4). Confined to the
 * connection's loop.
 */
final class ProtocolDetection extends ByteToMessageDecoder implements Protocol {
  private static final ByteBuf PREFACE =
      Unpooled.unreleasableBuffer(Http2CodecUtil.connectionPrefaceBuf()).asReadOnly();

  private final Connection connection;
  private @Nullable ChannelHandlerContext ctx;

  ProtocolDetection(Connection connection) {
    this.connection = connection;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int seen = Math.min(in.readableBytes(), PREFACE.readableBytes());
    for (int i = 0; i < seen; i++) {
      if (in.getByte(in.readerIndex() + i) != PREFACE.getByte(PREFACE.readerIndex() + i)) {
        installHttp1(connection, ctx.pipeline());
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (seen == PREFACE.readableBytes()) {
      Http2.install(connection, ctx.pipeline());
      ctx.pipeline().remove(this);
    }
  }

  /** Lets the connection speak HTTP/1. */
  static Http1 installHttp1(Connection connection, ChannelPipeline pipeline) {
    Http1Codec codec = new Http1Codec(connection.scope.config);
    pipeline.addLast(codec);
    Http1 http1 = new Http1(connection, codec, pipeline.context(codec));
    pipeline.addLast(http1);
    connection.speak(http1);
    return http1;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    connection.speak(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    connection.log("failed: " + cause);
    Unawaited.started(ctx.close());
  }

  @Override
  public void onDeadline(Connection.Phase phase) {
    if (phase != Connection.Phase.HEADERS || ctx == null) {
      connection.close();
      return;
    }
    Http1 http1 = installHttp1(connection, ctx.pipeline()); // only to say it is too late
    http1.onDeadline(phase);
  }

  @Override
  public void drain() {
    connection.close(); // no request has begun
  }
}
