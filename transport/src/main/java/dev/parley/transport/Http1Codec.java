package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpServerUpgradeHandler;
import java.util.List;

/**
 * Reads HTTP/1.1 requests and writes responses. Stricter than Netty's own where two readings of one
 * message could be smuggled past a proxy (RFC 9112 §11.2), and smaller: one response is under way
 * at a time, so no queue of methods is kept. Confined to the loop.
 */
final class Http1Codec extends CombinedChannelDuplexHandler<HttpRequestDecoder, HttpResponseEncoder>
    implements HttpServerUpgradeHandler.SourceCodec {
  private final Decoder decoder;
  private boolean answersHead;

  Http1Codec(TransportConfig config) {
    HttpDecoderConfig rules =
        new HttpDecoderConfig()
            .setMaxInitialLineLength(config.maxHeaderBytes())
            .setMaxHeaderSize(config.maxHeaderBytes())
            .setMaxChunkSize(64 << 10)
            .setAllowDuplicateContentLengths(false)
            .setStrictLineParsing(true)
            .setValidateHeaders(true);
    decoder = new Decoder(rules);
    init(decoder, new Encoder());
  }

  /** Says whether the next response answers HEAD and so has no body, whatever its headers say. */
  void answersHead(boolean head) {
    answersHead = head;
  }

  /**
   * Leaves what has arrived undecoded: bytes take less memory than requests, of which a receive
   * buffer can hold thousands.
   */
  void pause() {
    decoder.paused = true;
  }

  /** Decodes what has arrived since the pause. */
  void resume(ChannelHandlerContext ctx) throws Exception {
    decoder.paused = false;
    channelRead(ctx, Unpooled.EMPTY_BUFFER);
  }

  @Override
  public void upgradeFrom(ChannelHandlerContext ctx) {
    ctx.pipeline().remove(this);
  }

  private static final class Decoder extends HttpRequestDecoder {
    private boolean paused;

    Decoder(HttpDecoderConfig config) {
      super(config);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
        throws Exception {
      if (!paused) {
        super.decode(ctx, in, out);
      }
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
      throw new IllegalArgumentException(
          "both Transfer-Encoding and Content-Length (expected: one of them)");
    }
  }

  private final class Encoder extends HttpResponseEncoder {
    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
      return (answersHead && response.status().code() >= 200)
          || super.isContentAlwaysEmpty(response);
    }
  }
}
