package dev.parley.transport;

import io.netty.buffer.ByteBuf;

/** A listener that does nothing. A value. */
final class Silence implements WebSocketListener {
  @Override
  public void onText(WebSocket socket, ByteBuf utf8) {}

  @Override
  public void onBinary(WebSocket socket, ByteBuf bytes) {}

  @Override
  public void onClose(WebSocket socket, int code, String reason) {}
}
