package dev.parley.provider.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientResponse;

/**
 * One request and its answer. Confined to its loop.
 *
 * <p>The body is taken off the pipeline before it would become a stream of Reactor's: half a
 * microsecond and more for every token, and only here is it known where a read ends.
 */
public final class Call {
  private final Answer answer;
  private final String origin;
  private byte @Nullable [] json; // until it is answered: it may have to be sent again
  private @Nullable Disposable subscription;
  private boolean answered;
  private boolean over;

  Call(byte[] json, Answer answer, String origin) {
    this.json = json;
    this.answer = answer;
    this.origin = origin;
  }

  void subscribe(Flux<Void> exchange) {
    Disposable started = exchange.subscribe(nothing -> {}, this::onError, this::onComplete);
    subscription = started;
    if (over) {
      started.dispose();
    }
  }

  /**
   * Closes the connection (HTTP/1.1) or resets the stream (HTTP/2), unless the answer is complete.
   */
  public void cancel() {
    over = true;
    if (subscription != null) {
      subscription.dispose();
    }
  }

  Publisher<Void> respond(HttpClientResponse response, Connection connection) {
    connection.addHandlerLast(new Body());
    answered = true;
    json = null;
    if (!over) {
      answer.onHead(response.status().code(), response.responseHeaders());
    }
    return connection.inbound().receive().then();
  }

  ByteBuf body() {
    return json == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(json);
  }

  private void onError(Throwable cause) {
    if (!over) {
      over = true;
      answer.onBroken(Breakage.of(cause, answered, origin));
    }
  }

  private void onComplete() {
    if (!over) {
      over = true;
      answer.onEnd();
    }
  }

  /** Takes the pieces of the body; its end goes on to where connections are given back. */
  private final class Body extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!(message instanceof HttpContent content)) {
        ctx.fireChannelRead(message);
        return;
      }
      LastHttpContent last = content instanceof LastHttpContent end ? end : null;
      boolean broken = content.decoderResult().isFailure();
      try {
        if (!over && !broken && content.content().isReadable()) {
          answer.onBody(content.content());
        }
      } finally {
        if (last == null && !broken) {
          content.release();
        }
      }
      if (broken) {
        ctx.fireChannelRead(message);
      } else if (last != null) {
        last.content().skipBytes(last.content().readableBytes());
        ctx.fireChannelRead(last);
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
      if (!over) {
        answer.onPause();
      }
      ctx.fireChannelReadComplete();
    }
  }
}
