package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The only handler of a connection that is turned away: sends its answer, then waits a moment for
 * the client to close.
 */
final class Farewell extends ChannelInboundHandlerAdapter {
  private static final long PATIENCE_MILLIS = 500;

  private @Nullable ByteBuf answer;

  Farewell(ByteBuf answer) {
    this.answer = answer;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ByteBuf bytes = answer;
    answer = null;
    if (bytes == null) {
      return;
    }
    ctx.writeAndFlush(bytes)
        .addListener(sent -> {
          if (sent.isSuccess() && ctx.channel() instanceof DuplexChannel duplex) {
            Unawaited.started(duplex.shutdownOutput());
          }
        });
    Runnable close = () -> Unawaited.started(ctx.close());
    var _ = ctx.executor().schedule(close, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ReferenceCountUtil.release(msg);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (answer != null) {
      answer.release();
      answer = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Unawaited.started(ctx.close());
  }
}
