package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request, from the first header to the last byte. Confined to the connection's
 * loop.
 */
abstract sealed class Exchange implements Response, StreamingBody
    permits Http1.Http1Exchange, Http2Stream.Http2Exchange {
  private enum State {
    NEW,
    STREAMING,
    DONE
  }

  final Connection connection;
  final ChannelHandlerContext ctx;
  private final boolean answersHead;
  private State state = State.NEW;
  private boolean bodyless;
  private @Nullable HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
  private @Nullable Intake intake; // until the answer begins: its body counts as long
  private @Nullable Runnable onClose;
  private @Nullable Runnable onWritable;

  Exchange(Connection connection, ChannelHandlerContext ctx, boolean answersHead) {
    this.connection = connection;
    this.ctx = ctx;
    this.answersHead = answersHead;
  }

  /** Completes the head of a response, which is then written. */
  abstract void prepare(DefaultHttpResponse response, boolean streaming);

  /** Writes a piece of a streamed body. */
  abstract void writeFrame(SharedFrame frame);

  /** Follows the 101 of a WebSocket. */
  abstract WebSocket upgrade(
      WebSocketOptions options, boolean deflates, WebSocketListener listener);

  /** Follows the last write. */
  abstract void onDone();

  @Override
  public final EventLoop loop() {
    return connection.loop.executor;
  }

  @Override
  public final HttpHeaders headers() {
    return headers == null ? EmptyHttpHeaders.INSTANCE : headers;
  }

  @Override
  public final boolean isOpen() {
    return state != State.DONE;
  }

  @Override
  public final void send(int status, ByteBuf body) {
    assert loop().inEventLoop();
    if (state != State.NEW) {
      body.release();
      if (state == State.STREAMING) {
        throw new IllegalStateException("response: already streaming (expected: one answer)");
      }
      return;
    }
    HttpHeaders head = takeHeaders();
    boolean dropsBody = answersHead || forbidsBody(status);
    if (status >= 200 && status != 204 && status != 304) {
      if (!answersHead || (body.isReadable() && !head.contains(HttpHeaderNames.CONTENT_LENGTH))) {
        head.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
      }
    } else {
      head.remove(HttpHeaderNames.CONTENT_LENGTH); // RFC 9110 §8.6
    }
    ByteBuf sent = body;
    if (dropsBody) {
      body.release();
      sent = Unpooled.EMPTY_BUFFER;
    }
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(status),
            sent,
            head,
            EmptyHttpHeaders.INSTANCE);
    prepare(response, false);
    Unawaited.started(ctx.write(response, ctx.voidPromise()));
    connection.flushLater();
    finish();
  }

  @Override
  public final StreamingBody stream(int status) {
    assert loop().inEventLoop();
    if (state == State.STREAMING) {
      throw new IllegalStateException("response: already streaming (expected: one answer)");
    }
    if (state == State.DONE) {
      return this;
    }
    state = State.STREAMING;
    bodyless = answersHead || forbidsBody(status);
    HttpHeaders head = takeHeaders();
    head.remove(HttpHeaderNames.CONTENT_LENGTH);
    DefaultHttpResponse response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), head);
    prepare(response, !bodyless);
    Unawaited.started(ctx.write(response, ctx.voidPromise()));
    connection.flushLater();
    return this;
  }

  @Override
  public final @Nullable WebSocket acceptWebSocket(
      WebSocketOptions options, WebSocketListener listener) {
    assert loop().inEventLoop();
    if (state == State.STREAMING) {
      throw new IllegalStateException("response: already streaming (expected: one answer)");
    }
    Intake request = intake;
    if (state == State.DONE || request == null) {
      return null;
    }
    WebSocketHandshake handshake;
    try {
      handshake = WebSocketHandshake.of(request.head, options);
    } catch (Intake.Refused refused) {
      if (refused.refusal.status() == 426) {
        WebSocketHandshake.addAdvice(headers());
      }
      refuse(refused.refusal);
      return null;
    }
    HttpHeaders head = takeHeaders();
    handshake.addTo(head);
    Unawaited.started(
        ctx.write(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1,
                HttpResponseStatus.SWITCHING_PROTOCOLS,
                Unpooled.EMPTY_BUFFER,
                head,
                EmptyHttpHeaders.INSTANCE),
            ctx.voidPromise()));
    connection.flushLater();
    WebSocket socket = upgrade(options, handshake.deflate() != null, listener);
    close();
    return socket;
  }

  private static boolean forbidsBody(int status) {
    return status < 200 || status == 204 || status == 304;
  }

  /** Headers go once sent: an exchange may stay open for days. */
  private HttpHeaders takeHeaders() {
    HttpHeaders taken = headers();
    headers = null;
    releaseIntake();
    if (!taken.contains(HttpHeaderNames.DATE)) {
      taken.set(HttpHeaderNames.DATE, connection.loop.date());
    }
    return taken;
  }

  @Override
  public final void write(SharedFrame frame) {
    assert loop().inEventLoop();
    if (state != State.STREAMING || bodyless || !frame.body().isReadable()) {
      return;
    }
    writeFrame(frame);
    connection.flushLater();
  }

  @Override
  public boolean isWritable() {
    return state == State.STREAMING && ctx.channel().isWritable();
  }

  @Override
  public final void onWritable(Runnable action) {
    assert loop().inEventLoop();
    onWritable = action;
  }

  @Override
  public final void flush() {
    assert loop().inEventLoop();
    if (state == State.STREAMING) {
      connection.channel.flush();
    }
  }

  @Override
  public final void end() {
    assert loop().inEventLoop();
    if (state != State.STREAMING) {
      return;
    }
    Unawaited.started(ctx.write(LastHttpContent.EMPTY_LAST_CONTENT, ctx.voidPromise()));
    connection.flushLater();
    finish();
  }

  @Override
  public void onClose(Runnable action) {
    assert loop().inEventLoop();
    if (state == State.DONE) {
      action.run();
      return;
    }
    Runnable earlier = onClose;
    onClose =
        earlier == null
            ? action
            : () -> {
              earlier.run();
              action.run();
            };
  }

  /** Refuses the request in the transport's own name. */
  final void refuse(Refusal refusal) {
    connection.scope.rejected.increment();
    if (state == State.NEW && refusal.status() == 503) {
      headers().set(HttpHeaderNames.RETRY_AFTER, "5");
    }
    Errors.send(this, refusal.status(), refusal.code(), refusal.message(), refusal.retry());
  }

  /** Runs the handler, whose failure becomes a 500 or, when the answer has begun, a cut. */
  final void serve(Intake intake, ByteBuf body) {
    this.intake = intake;
    Request request =
        new ReceivedRequest(intake, body, connection.secure ? "https" : "http", connection.remote);
    connection.scope.requests.increment();
    connection.scope.observer.onRequest(System.nanoTime() - connection.readNanos());
    try {
      connection.scope.handler.handle(request, this);
    } catch (Throwable failure) {
      connection.logFailure("handler failed", failure);
      if (state == State.NEW) {
        headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        refuse(Refusal.FAILED);
      } else {
        abort();
      }
      if (failure instanceof VirtualMachineError fatal) {
        throw fatal;
      }
    }
  }

  final void becameWritable() {
    if (state == State.STREAMING && onWritable != null && isWritable()) {
      runGuarded(onWritable);
    }
  }

  /** The client has gone. */
  final void gone() {
    if (state != State.DONE) {
      close();
    }
  }

  private void finish() {
    close();
    onDone();
  }

  private void close() {
    state = State.DONE;
    headers = null;
    releaseIntake();
    onWritable = null;
    Runnable action = onClose;
    onClose = null;
    if (action != null) {
      runGuarded(action);
    }
  }

  private void releaseIntake() {
    if (intake != null) {
      intake.releaseBudget();
      intake = null;
    }
  }

  private void runGuarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | AssertionError failure) {
      connection.logFailure("callback failed", failure);
    }
  }
}
