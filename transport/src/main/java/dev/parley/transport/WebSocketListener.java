package dev.parley.transport;

import io.netty.buffer.ByteBuf;

/**
 * Hears what one WebSocket receives. Called on the socket's loop, never within {@link
 * Response#acceptWebSocket}; what it throws closes the socket with 1011. Buffers are valid during
 * the call; retain or copy to keep them.
 */
public interface WebSocketListener {
  /** A whole text message, which is well-formed UTF-8. */
  void onText(WebSocket socket, ByteBuf utf8);

  /** A whole binary message. */
  void onBinary(WebSocket socket, ByteBuf bytes);

  /** A pong, asked for or not. */
  default void onPong(WebSocket socket, ByteBuf payload) {}

  /**
   * The last call, and the only one of its kind.
   *
   * @param code the client's, 1005 when it gave none, 1006 when it went without a close, or what
   *     the server found wrong with it
   */
  void onClose(WebSocket socket, int code, String reason);
}
