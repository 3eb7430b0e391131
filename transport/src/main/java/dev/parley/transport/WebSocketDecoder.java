package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.List;

/**
 * Reads the frames of one WebSocket, and leaves them undecoded while the socket is paused. Confined
 * to the connection's loop.
 */
final class WebSocketDecoder extends WebSocket13FrameDecoder {
  private final WebSocketChannel socket;

  WebSocketDecoder(WebSocketChannel socket, WebSocketOptions options, boolean deflates) {
    super(
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(true)
            .allowMaskMismatch(false)
            .allowExtensions(deflates)
            .maxFramePayloadLength(options.maxMessageBytes())
            .closeOnProtocolViolation(false)
            .withUTF8Validator(false)
            .build());
    this.socket = socket;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (socket.isClosed()) {
      in.skipBytes(in.readableBytes());
    } else if (!socket.isPaused()) {
      super.decode(ctx, in, out);
      if (out.isEmpty()) {
        socket.hold(in.readableBytes());
      }
    }
  }
}
