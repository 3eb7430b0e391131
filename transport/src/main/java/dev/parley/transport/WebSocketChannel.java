package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket over HTTP/1.1: the end of its connection's pipeline, which joins frames to messages
 * and keeps the closing handshake. Confined to the connection's loop.
 */
final class WebSocketChannel extends ChannelInboundHandlerAdapter implements Protocol, WebSocket {
  private static final int MAX_CONTROL_BYTES = 125;
  private static final int MAX_REASON_BYTES = 123;
  private static final int COPIED_BYTES = 1024; // less is cheaper to copy behind its head

  private enum State {
    OPEN,
    /** Closed by the server, not yet by the client. */
    CLOSING,
    CLOSED
  }

  private final Connection connection;
  private final WebSocketOptions options;
  private final boolean deflates;
  private final WebSocketListener listener;
  private ChannelHandlerContext ctx; // writes below it reach the socket as they are
  private @Nullable ChannelHandlerContext decoder; // from the end of the upgrade on

  private final MessageAssembly messages;
  private State state = State.OPEN;
  private boolean paused;
  private boolean dispatching;
  private int heldBytes; // taken from the budget of all bodies
  private int pacedBytes; // of those when their clock started last
  private byte @Nullable [] owedPong; // the last ping not answered while nothing could be written
  private @Nullable Runnable onWritable;

  WebSocketChannel(
      Connection connection,
      ChannelHandlerContext out,
      WebSocketOptions options,
      boolean deflates,
      WebSocketListener listener) {
    this.connection = connection;
    this.ctx = out;
    this.options = options;
    this.messages = new MessageAssembly(connection, options.maxMessageBytes());
    this.deflates = deflates;
    this.listener = listener;
  }

  /** Takes the end of the pipeline; frames come once what is before it lets bytes through. */
  void install() {
    WebSocketDecoder frames = new WebSocketDecoder(this, options, deflates);
    decoder = connection.channel.pipeline().addLast(frames, this).context(frames);
  }

  /** Nothing is between this and the socket any more. */
  void start() {
    connection.channel.config().setAutoRead(!paused || state != State.OPEN);
    connection.speak(this);
    becameWritable();
  }

  /**
   * The first frames were taken for HTTP, since they came long before the answer (RFC 6455 §4.1).
   */
  void cameTooEarly() {
    fail(CloseCode.PROTOCOL_ERROR, "frames: before the handshake's answer (expected: after it)");
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    this.ctx = ctx;
  }

  @Override
  public EventLoop loop() {
    return connection.loop.executor;
  }

  @Override
  public InetSocketAddress remote() {
    return connection.remote;
  }

  @Override
  public boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  boolean isPaused() {
    return paused;
  }

  // What is received.

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    WebSocketFrame frame = (WebSocketFrame) msg;
    dispatching = true;
    try {
      receive(frame);
    } catch (CorruptedWebSocketFrameException corrupted) {
      exceptionCaught(ctx, corrupted);
    } catch (RuntimeException | AssertionError failure) {
      connection.logFailure("listener failed", failure);
      fail(CloseCode.INTERNAL_ERROR, "the server failed to handle this message");
    } finally {
      dispatching = false;
      frame.release();
      if (heldBytes > 0) {
        hold(0);
      }
    }
  }

  private void receive(WebSocketFrame frame) {
    if (state == State.CLOSED) {
      return;
    }
    boolean startsMessage =
        frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame;
    if ((frame.rsv() & (deflates && startsMessage ? ~MessageAssembly.RSV1 : ~0)) != 0) {
      fail(CloseCode.PROTOCOL_ERROR, "reserved bits: set (expected: 0)");
      return;
    }
    switch (frame) {
      case PingWebSocketFrame ping -> pong(ping.content());
      case PongWebSocketFrame pong when state == State.OPEN ->
          listener.onPong(this, pong.content());
      case PongWebSocketFrame _ -> {}
      case CloseWebSocketFrame close -> closed(close);
      default -> {
        if (state == State.OPEN) {
          receivePiece(frame, startsMessage);
        }
      }
    }
  }

  private void receivePiece(WebSocketFrame frame, boolean startsMessage) {
    ByteBuf message = messages.add(frame, startsMessage);
    if (message == null) {
      hold(0);
      return;
    }
    try {
      if (messages.isText()) {
        listener.onText(this, message);
      } else {
        listener.onBinary(this, message);
      }
    } finally {
      message.release();
    }
  }

  /**
   * Counts what waits for the rest of its message against the budget of all bodies, and gives it
   * the time a body has.
   */
  void hold(int undecodedBytes) {
    int held = undecodedBytes + messages.heldBytes();
    Scope scope = connection.scope;
    if (held < heldBytes) {
      scope.bodies.release(heldBytes - held);
    } else if (held > heldBytes && !scope.bodies.take(held - heldBytes)) {
      fail(CloseCode.TRY_AGAIN_LATER, "the server receives as much as it can hold");
      return;
    }
    boolean starts = heldBytes == 0;
    heldBytes = held;
    if (state != State.OPEN || paused) {
      return;
    }
    if (held == 0) {
      connection.enter(Connection.Phase.SERVING);
    } else if (starts || held < pacedBytes || held - pacedBytes >= scope.bodyStepBytes) {
      pacedBytes = held;
      connection.enter(Connection.Phase.BODY);
    }
  }

  private void drop() {
    messages.release();
    if (heldBytes > 0) {
      connection.scope.bodies.release(heldBytes);
      heldBytes = 0;
    }
  }

  @Override
  public void pauseReading() {
    assert loop().inEventLoop();
    if (state == State.OPEN && !paused) {
      paused = true;
      connection.channel.config().setAutoRead(false);
      connection.enter(Connection.Phase.SERVING); // the wait is ours, not the client's
    }
  }

  @Override
  public void resumeReading() {
    assert loop().inEventLoop();
    if (!paused) {
      return;
    }
    paused = false;
    ChannelHandlerContext frames = decoder;
    if (frames == null) {
      return; // the upgrade goes on with what was decided here
    }
    if (!dispatching) { // else the decoder goes on by itself
      try {
        ((WebSocketDecoder) frames.handler()).channelRead(frames, Unpooled.EMPTY_BUFFER);
      } catch (Exception e) {
        exceptionCaught(ctx, e);
      }
    }
    if (!paused) {
      if (heldBytes > 0 && state == State.OPEN) {
        pacedBytes = heldBytes;
        connection.enter(Connection.Phase.BODY);
      }
      connection.channel.config().setAutoRead(true);
    }
  }

  // What is sent.

  @Override
  public void sendText(CharSequence text) {
    int size = ByteBufUtil.utf8Bytes(text);
    ByteBuf out = ctx.alloc().directBuffer(SharedMessage.MAX_HEAD_BYTES + size);
    if (compresses(size)) {
      ByteBufUtil.writeUtf8(out, text);
      sendText(out);
      return;
    }
    SharedMessage.writeHead(out, SharedMessage.TEXT, false, size);
    ByteBufUtil.reserveAndWriteUtf8(out, text, size);
    write(out);
  }

  @Override
  public void sendText(ByteBuf utf8) {
    sendMessage(SharedMessage.TEXT, utf8);
  }

  @Override
  public void sendBinary(ByteBuf bytes) {
    sendMessage(SharedMessage.BINARY, bytes);
  }

  private boolean compresses(int size) {
    return deflates && size > 0 && size >= options.deflateFromBytes();
  }

  private void sendMessage(int opcode, ByteBuf payload) {
    if (state != State.OPEN || !compresses(payload.readableBytes())) {
      sendFrame(opcode, false, payload);
      return;
    }
    ByteBuf deflated;
    try {
      deflated = connection.loop.deflate().deflate(payload, ctx.alloc());
    } finally {
      payload.release();
    }
    sendFrame(opcode, true, deflated);
  }

  @Override
  public void sendText(byte[] utf8, int offset, int length, boolean compress) {
    sendCopy(SharedMessage.TEXT, utf8, offset, length, compress);
  }

  @Override
  public void sendBinary(byte[] bytes, int offset, int length, boolean compress) {
    sendCopy(SharedMessage.BINARY, bytes, offset, length, compress);
  }

  private void sendCopy(int opcode, byte[] payload, int offset, int length, boolean compress) {
    if (state != State.OPEN) {
      return;
    }
    if (compress && compresses(length)) {
      sendMessage(opcode, Unpooled.wrappedBuffer(payload, offset, length));
      return;
    }
    ByteBuf out = ctx.alloc().directBuffer(SharedMessage.MAX_HEAD_BYTES + length);
    SharedMessage.writeHead(out, opcode, false, length);
    write(out.writeBytes(payload, offset, length));
  }

  @Override
  public void send(SharedMessage message) {
    if (state != State.OPEN) {
      return;
    }
    write(
        message.compresses() && compresses(message.size())
            ? message.deflatedFrame(connection.loop.deflate())
            : message.plainFrame());
  }

  @Override
  public void ping(ByteBuf payload) {
    if (payload.readableBytes() > MAX_CONTROL_BYTES) {
      int size = payload.readableBytes();
      payload.release();
      throw new IllegalArgumentException(
          "ping: " + size + " bytes (expected: <= " + MAX_CONTROL_BYTES + ")");
    }
    sendFrame(SharedMessage.PING, false, payload);
  }

  /** A client that does not read is owed only the last answer (RFC 6455 §5.5.3). */
  private void pong(ByteBuf payload) {
    if (ctx.channel().isWritable()) {
      sendFrame(SharedMessage.PONG, false, payload.retainedDuplicate());
    } else {
      owedPong = ByteBufUtil.getBytes(payload);
    }
  }

  private void sendFrame(int opcode, boolean deflated, ByteBuf payload) {
    int size = payload.readableBytes();
    boolean copies = size <= COPIED_BYTES;
    ByteBuf out = ctx.alloc().directBuffer(SharedMessage.MAX_HEAD_BYTES + (copies ? size : 0));
    SharedMessage.writeHead(out, opcode, deflated, size);
    if (copies) {
      out.writeBytes(payload, payload.readerIndex(), size);
      payload.release();
      write(out);
    } else {
      write(out);
      write(payload);
    }
  }

  private void write(ByteBuf bytes) {
    assert loop().inEventLoop();
    if (state != State.OPEN) {
      bytes.release();
      return;
    }
    Unawaited.started(ctx.write(bytes, ctx.voidPromise()));
    connection.flushLater();
  }

  @Override
  public boolean isWritable() {
    return state == State.OPEN && connection.channel.isWritable();
  }

  @Override
  public long pendingBytes() {
    assert loop().inEventLoop();
    ChannelOutboundBuffer waiting = connection.channel.unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  @Override
  public void onWritable(Runnable action) {
    assert loop().inEventLoop();
    onWritable = action;
  }

  @Override
  public void flush() {
    assert loop().inEventLoop();
    if (state == State.OPEN) {
      connection.channel.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    becameWritable();
  }

  private void becameWritable() {
    byte[] pong = owedPong;
    if (pong != null && isWritable()) {
      owedPong = null;
      sendFrame(SharedMessage.PONG, false, Unpooled.wrappedBuffer(pong));
    }
    if (onWritable != null && isWritable()) {
      try {
        onWritable.run();
      } catch (RuntimeException | AssertionError failure) {
        connection.logFailure("callback failed", failure);
      }
    }
  }

  // The end.

  @Override
  public void close(int code, String reason) {
    assert loop().inEventLoop();
    int size = ByteBufUtil.utf8Bytes(reason);
    if (!CloseCode.maySend(code)) {
      throw new IllegalArgumentException(
          "close code: " + code + " (expected: 1000..1003, 1007..1014 or 3000..4999)");
    }
    if (size > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "close reason: " + size + " bytes (expected: <= " + MAX_REASON_BYTES + ")");
    }
    if (state != State.OPEN) {
      return;
    }
    if (options.closeFrame()) {
      writeClose(code, reason);
    }
    state = State.CLOSING;
    drop();
    if (options.closeFrame()) {
      connection.enter(Connection.Phase.CLOSING, options.closeTimeout().toNanos());
      resumeReading();
    } else {
      connection.closeAfterWrites();
    }
  }

  private void writeClose(int code, String reason) {
    ByteBuf payload = ctx.alloc().directBuffer(2 + MAX_REASON_BYTES);
    if (code != CloseCode.NONE) {
      payload.writeShort(code);
      ByteBufUtil.writeUtf8(payload, reason);
    }
    sendFrame(SharedMessage.CLOSE, false, payload);
  }

  /** The client's close: answered with its own code, unless it is the answer to ours. */
  private void closed(CloseWebSocketFrame close) {
    int code = close.statusCode();
    if (code >= 0 && !CloseCode.maySend(code)) {
      fail(CloseCode.PROTOCOL_ERROR, "close code: " + code + " (expected: one of RFC 6455)");
      return;
    }
    if (code >= 0 && !hasText(close.content())) {
      fail(CloseCode.INVALID_DATA, "close reason: malformed (expected: UTF-8)");
      return;
    }
    int given = code < 0 ? CloseCode.NONE : code;
    if (state == State.OPEN) {
      writeClose(given, "");
    }
    String reason = close.reasonText();
    connection.closeAfterWrites();
    end(given, reason == null ? "" : reason);
  }

  /**
   * Whether the reason is whole UTF-8 (RFC 6455 §5.5.1); the decoder lets one pass that breaks off.
   */
  private static boolean hasText(ByteBuf close) {
    int reason = close.readerIndex() + Short.BYTES;
    return ByteBufUtil.isText(close, reason, close.writerIndex() - reason, StandardCharsets.UTF_8);
  }

  /** Ends with a close the client need not answer: what it sends cannot be trusted any more. */
  private void fail(int code, String reason) {
    if (state == State.CLOSED) {
      return;
    }
    connection.log("closed: " + code + " " + reason);
    if (state == State.OPEN && options.closeFrame()) {
      writeClose(code, reason);
    }
    connection.closeAfterWrites();
    end(code, reason);
  }

  @Override
  public void abort() {
    assert loop().inEventLoop();
    if (state != State.CLOSED) {
      connection.close();
    }
  }

  /** The client has gone. */
  void gone() {
    end(CloseCode.ABNORMAL, "");
  }

  private void end(int code, String reason) {
    if (state == State.CLOSED) {
      return;
    }
    state = State.CLOSED;
    drop();
    owedPong = null;
    onWritable = null;
    try {
      listener.onClose(this, code, reason);
    } catch (RuntimeException | AssertionError failure) {
      connection.logFailure("listener failed", failure);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    gone();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof CorruptedWebSocketFrameException corrupted) {
      fail(corrupted.closeStatus().code(), reason(corrupted));
    } else {
      connection.log("failed: " + cause);
      Unawaited.started(ctx.close());
    }
  }

  private static String reason(CorruptedWebSocketFrameException corrupted) {
    String message = String.valueOf(corrupted.getMessage());
    return message.substring(0, Math.min(message.length(), MAX_REASON_BYTES)); // it is ASCII
  }

  @Override
  public void onDeadline(Connection.Phase phase) {
    if (phase == Connection.Phase.BODY) {
      fail(CloseCode.POLICY, "the message took too long to arrive");
    } else {
      connection.close();
    }
  }

  @Override
  public void drain() {
    close(CloseCode.GOING_AWAY, "the server is going away");
  }
}
