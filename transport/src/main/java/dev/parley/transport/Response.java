package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/** The answer to one request, the same over HTTP/1.1 and HTTP/2. Confined to {@link #loop()}. */
public interface Response {
  EventLoop loop();

  /** Headers to send; names in lower case. Fill in before sending. */
  HttpHeaders headers();

  /**
   * Sends status and body at once and ends; the body is released by the transport. No body for
   * HEAD, 204 and 304.
   */
  void send(int status, ByteBuf body);

  /** Sends status and headers and leaves the body open. */
  StreamingBody stream(int status);

  /**
   * Goes on as a WebSocket (RFC 6455), which ends this response. {@link #headers()} are sent along,
   * such as a {@code sec-websocket-protocol} that was agreed on.
   *
   * @return {@code null} when the request's handshake is wrong, which the client has then been
   *     told, or when it has gone
   */
  @Nullable WebSocket acceptWebSocket(WebSocketOptions options, WebSocketListener listener);

  /** Whether the client is still there. */
  boolean isOpen();

  /** Runs on the loop when the client has gone or the answer is complete, whichever comes first. */
  void onClose(Runnable action);
}
