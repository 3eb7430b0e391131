package dev.parley.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.util.concurrent.EventExecutor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The least a Netty WebSocket server can do: it sends frames back as they came, and a publication
 * to everyone who joined, encoded once. No sessions, no heartbeats, no JSON. The bound that the
 * scenarios measure against; its event loops own everything.
 */
final class BareNetty {
  private static final int MAX_HTTP_BYTES = 16 << 10;
  private static final ByteBuf OPEN =
      text("0{}"); // keeps the steps of a connect those of Engine.IO
  private static final ByteBuf JOIN = text("42[\"join\"");
  private static final ByteBuf PUBLISH = text(Message.PUBLISH);
  private static final ByteBuf MESSAGE = text("42[\"message\",");
  private static final int TEXT = 0x81;

  private final Map<EventLoop, List<Channel>> room = new ConcurrentHashMap<>();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(), EpollIoHandler.newFactory());

  private BareNetty() {
    for (EventExecutor loop : group) {
      room.put((EventLoop) loop, new ArrayList<>());
    }
  }

  /** Serves on the port given until it is killed. */
  public static void main(String[] args) {
    start(Integer.parseInt(args[0]));
  }

  static EventLoopGroup start(int port) {
    BareNetty server = new BareNetty();
    new ServerBootstrap()
        .group(server.group)
        .channel(EpollServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 4096)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                channel
                    .pipeline()
                    .addLast(
                        new HttpServerCodec(),
                        new HttpObjectAggregator(MAX_HTTP_BYTES),
                        new WebSocketServerProtocolHandler("/socket.io/", true),
                        server.new Frames());
              }
            })
        .bind("127.0.0.1", port)
        .syncUninterruptibly();
    return server.group;
  }

  private void broadcast(ByteBuf publication) {
    int length = MESSAGE.readableBytes() + publication.readableBytes() - PUBLISH.readableBytes();
    ByteBuf frame = Unpooled.directBuffer(length + 4).writeByte(TEXT);
    if (length < 126) {
      frame.writeByte(length);
    } else {
      frame.writeByte(126).writeShort(length);
    }
    frame
        .writeBytes(MESSAGE, MESSAGE.readerIndex(), MESSAGE.readableBytes())
        .writeBytes(publication.skipBytes(PUBLISH.readableBytes()));
    room.forEach((loop, members) -> {
      ByteBuf shared = frame.retainedDuplicate();
      loop.execute(() -> {
        for (Channel member : members) {
          var _ = member.writeAndFlush(shared.retainedDuplicate(), member.voidPromise());
        }
        shared.release();
      });
    });
    frame.release();
  }

  private static ByteBuf text(String ascii) {
    return Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(ascii, StandardCharsets.US_ASCII))
        .asReadOnly();
  }

  private static boolean startsWith(ByteBuf content, ByteBuf prefix) {
    int length = prefix.readableBytes();
    return content.readableBytes() >= length
        && ByteBufUtil.equals(content, content.readerIndex(), prefix, 0, length);
  }

  /** Echoes, joins or broadcasts. */
  private final class Frames extends SimpleChannelInboundHandler<WebSocketFrame> {
    @Override
    protected void channelRead0(ChannelHandlerContext ctx, WebSocketFrame frame) {
      ByteBuf content = frame.content();
      if (startsWith(content, PUBLISH)) {
        broadcast(content);
      } else if (startsWith(content, JOIN)) {
        List<Channel> members = room.get(ctx.channel().eventLoop());
        if (members != null) {
          members.add(ctx.channel());
        }
      } else {
        var _ = ctx.write(frame.retain(), ctx.voidPromise());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      ctx.flush();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
        var _ = ctx.writeAndFlush(new TextWebSocketFrame(OPEN.duplicate()), ctx.voidPromise());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      List<Channel> members = room.get(ctx.channel().eventLoop());
      if (members != null) {
        members.remove(ctx.channel());
      }
    }
  }
}
