package dev.parley.bench;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client of server-sent events, over a connection of its own. Confined to its event loop. */
final class EventSource extends SimpleChannelInboundHandler<HttpObject> {
  /** Hears what comes, on the loop. */
  interface Listener {
    /**
     * One event.
     *
     * @param id empty without one
     * @param readNanos when its last bytes were read, by {@link System#nanoTime}
     */
    void onEvent(String id, String data, long readNanos);

    /** The server ended it, or it was never made. */
    void onEnd(@Nullable String why);
  }

  private static final ByteBuf EVENT_END =
      Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\n\n", StandardCharsets.US_ASCII));

  private final Listener listener;
  private final byte[] request;
  private final ByteBuf pending = Unpooled.buffer(1024);
  private @Nullable Channel channel;
  private @Nullable String why;
  private boolean left;

  private EventSource(Listener listener, byte[] request) {
    this.listener = listener;
    this.request = request;
  }

  /**
   * Follows {@code path}, after the event {@code lastId} unless that is empty. On the loop of
   * {@code clients}.
   */
  static EventSource open(
      ClientLoop clients, URI server, String path, String lastId, Listener listener) {
    String head =
        "GET "
            + path
            + " HTTP/1.1\r\nhost: "
            + server.getAuthority()
            + "\r\naccept: text/event-stream\r\n"
            + (lastId.isEmpty() ? "" : "last-event-id: " + lastId + "\r\n")
            + "\r\n";
    EventSource source = new EventSource(listener, head.getBytes(StandardCharsets.US_ASCII));
    var _ =
        clients
            .source()
            .clone()
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline().addLast(new HttpClientCodec(), source);
                  }
                })
            .connect(new InetSocketAddress(server.getHost(), server.getPort()))
            .addListener(done -> {
              if (!done.isSuccess() && !source.left) {
                listener.onEnd(String.valueOf(done.cause()));
              }
            });
    return source;
  }

  /** Closes the connection; nothing more is heard of it. */
  void leave() {
    left = true;
    if (channel != null) {
      var _ = channel.close();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (left) {
      var _ = ctx.close();
      return;
    }
    channel = ctx.channel();
    ChannelHandlerContext codec = ctx.pipeline().firstContext();
    var _ = codec.writeAndFlush(Unpooled.wrappedBuffer(request)); // past its encoder
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    long now = System.nanoTime();
    if (part instanceof HttpResponse response && response.status().code() != 200) {
      why = "status " + response.status();
    }
    if (part instanceof HttpContent content && why == null) {
      pending.discardReadBytes().writeBytes(content.content());
      for (int end = ByteBufUtil.indexOf(EVENT_END, pending);
          end >= 0 && !left;
          end = ByteBufUtil.indexOf(EVENT_END, pending)) {
        String event =
            pending.toString(
                pending.readerIndex(), end - pending.readerIndex(), StandardCharsets.UTF_8);
        pending.readerIndex(end + EVENT_END.readableBytes());
        tell(event, now);
      }
    }
    if (part instanceof LastHttpContent) { // the connection could go on
      var _ = ctx.close();
    }
  }

  private void tell(String event, long now) {
    String id = "";
    String data = "";
    for (String line : event.split("\n", -1)) {
      if (line.startsWith("id: ")) {
        id = line.substring("id: ".length());
      } else if (line.startsWith("data: ")) {
        data = line.substring("data: ".length()); // ours has one line
      }
    }
    if (!data.isEmpty()) {
      listener.onEvent(id, data, now);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    why = String.valueOf(cause);
    var _ = ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!left) {
      listener.onEnd(why);
    }
  }
}
