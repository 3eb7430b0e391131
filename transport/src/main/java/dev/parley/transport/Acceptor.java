package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.IdentityHashMap;

/**
 * Lets connections in and sets up what they speak, or turns them away. Called on each connection's
 * own loop.
 */
final class Acceptor extends ChannelInitializer<Channel> {
  private final Scope scope;
  private final IdentityHashMap<EventLoop, Loop> loops; // read only

  Acceptor(Scope scope, IdentityHashMap<EventLoop, Loop> loops) {
    this.scope = scope;
    this.loops = loops;
  }

  @Override
  protected void initChannel(Channel channel) {
    Loop loop = loops.get(channel.eventLoop());
    InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
    if (loop == null || remote == null) { // gone before it was let in
      channel.unsafe().closeForcibly();
      return;
    }
    if (scope.draining() || !scope.admission.enter(remote.getAddress())) {
      turnAway(channel);
      return;
    }
    Connection connection = new Connection(channel, scope, loop, remote, scope.tls != null);
    channel.pipeline().addLast(connection);
    if (scope.tls == null) {
      channel.pipeline().addLast(new ProtocolDetection(connection));
      return;
    }
    SslHandler ssl = scope.tls.current().newHandler(channel.alloc());
    ssl.setHandshakeTimeoutMillis(0); // the connection's own deadline covers it
    channel.pipeline().addLast(ssl, new Negotiation(connection));
  }

  /**
   * Says so in plain HTTP/1.1, whatever the client speaks; over TLS that would cost a handshake, so
   * nothing is said.
   */
  private void turnAway(Channel channel) {
    if (scope.tls != null) {
      Unawaited.started(channel.close());
      return;
    }
    Refusal refusal = Refusal.OVERLOADED;
    String body = new ErrorBody(refusal.code(), 0, refusal.message(), refusal.retry()).toJson();
    ByteBuf answer =
        ByteBufUtil.writeAscii(
            channel.alloc(),
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-type: "
                + ErrorBody.CONTENT_TYPE
                + "\r\ncontent-length: "
                + body.length()
                + "\r\n\r\n"
                + body);
    channel.pipeline().addLast(new Farewell(answer));
  }

  /** Speaks what ALPN chose. */
  private static final class Negotiation extends ApplicationProtocolNegotiationHandler {
    private final Connection connection;

    Negotiation(Connection connection) {
      super(ApplicationProtocolNames.HTTP_1_1);
      this.connection = connection;
    }

    @Override
    protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
      connection.enter(Connection.Phase.IDLE);
      if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
        Http2.install(connection, ctx.pipeline());
      } else {
        ProtocolDetection.installHttp1(connection, ctx.pipeline());
      }
    }

    @Override
    protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
      connection.log("TLS handshake failed: " + cause);
      Unawaited.started(ctx.close());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      connection.log("failed: " + cause);
      Unawaited.started(ctx.close());
    }
  }
}
