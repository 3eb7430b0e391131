package dev.parley.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket client that costs its generator as little as possible: whole text frames, ASCII, no
 * extensions, one mask for all. Confined to its event loop.
 */
final class ClientSocket extends ByteToMessageDecoder {
  /** Hears what happens on the connection, on its loop. */
  interface Listener {
    /** One message, at {@code start} of a buffer that is valid during the call. */
    void onText(ClientSocket socket, ByteBuf buffer, int start, int length);

    /** The end, also of a connection that was never made. */
    void onClosed(@Nullable Throwable cause);
  }

  private static final ByteBuf HEAD_END =
      Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", StandardCharsets.US_ASCII));
  private static final int TEXT = 0x81; // FIN and opcode 1 (RFC 6455 §5.2)
  private static final int CLOSE = 0x88;
  private static final int MASKED = 0x80;
  private static final int LENGTH_16 = 126;
  private static final int LENGTH_64 = 127;
  private static final int MASK = 0x37FA213D; // not zero: some servers skip that one

  private final Listener listener;
  private final byte[] request;
  private @Nullable Channel channel;
  private @Nullable Throwable cause;
  private boolean upgraded;

  private ClientSocket(Listener listener, byte[] request) {
    this.listener = listener;
    this.request = request;
  }

  /** The upgrade to Engine.IO over WebSocket on a local port. */
  static byte[] request(int port) {
    return ("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: localhost:"
            + port
            + "\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            + "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  static void connect(
      Bootstrap bootstrap, InetSocketAddress server, byte[] request, Listener listener) {
    ClientSocket socket = new ClientSocket(listener, request);
    var _ =
        bootstrap
            .clone()
            .handler(socket)
            .connect(server)
            .addListener(done -> {
              if (!done.isSuccess()) {
                listener.onClosed(done.cause());
              }
            });
  }

  void send(String ascii) {
    Channel to = channel;
    if (to == null) {
      return;
    }
    int length = ascii.length();
    ByteBuf frame = to.alloc().directBuffer(length + 8).writeByte(TEXT);
    if (length < LENGTH_16) {
      frame.writeByte(MASKED | length);
    } else {
      frame.writeByte(MASKED | LENGTH_16).writeShort(length);
    }
    frame.writeInt(MASK);
    for (int i = 0; i < length; i++) {
      frame.writeByte(ascii.charAt(i) ^ MASK >>> (24 - 8 * (i & 3)));
    }
    var _ = to.writeAndFlush(frame, to.voidPromise());
  }

  void close() {
    if (channel != null) {
      var _ = channel.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    channel = ctx.channel();
    var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(request), ctx.voidPromise());
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (!upgraded) {
      int end = ByteBufUtil.indexOf(HEAD_END, in);
      if (end < 0) {
        return;
      }
      String head =
          in.readCharSequence(end - in.readerIndex() + 4, StandardCharsets.US_ASCII).toString();
      if (!head.startsWith("HTTP/1.1 101")) {
        throw new CorruptedFrameException("the upgrade was refused: " + head.strip());
      }
      upgraded = true;
    }
    while (frame(ctx, in)) {}
  }

  /** Takes one frame. @return whether there was a whole one */
  private boolean frame(ChannelHandlerContext ctx, ByteBuf in) {
    int start = in.readerIndex();
    int readable = in.readableBytes();
    if (readable < 2) {
      return false;
    }
    int length = in.getUnsignedByte(start + 1);
    int header = length == LENGTH_16 ? 4 : 2;
    if (readable < header) {
      return false;
    }
    if (length == LENGTH_16) {
      length = in.getUnsignedShort(start + 2);
    } else if (length >= LENGTH_64) {
      throw new CorruptedFrameException("length byte: " + length + " (expected: at most 126)");
    }
    if (readable < header + length) {
      return false;
    }
    in.skipBytes(header + length);
    int kind = in.getUnsignedByte(start);
    if (kind == TEXT) {
      listener.onText(this, in, start + header, length);
    } else if (kind == CLOSE) {
      var _ = ctx.close();
    } else {
      throw new CorruptedFrameException("frame: " + kind + " (expected: a whole text or a close)");
    }
    return true;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable problem) {
    cause = problem;
    var _ = ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    channel = null;
    listener.onClosed(cause);
  }
}
