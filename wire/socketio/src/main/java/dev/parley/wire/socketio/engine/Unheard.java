package dev.parley.wire.socketio.engine;

import dev.parley.wire.socketio.codec.Slice;

/** Stands for the listener of a session that has not been let in. Stateless. */
final class Unheard implements SessionListener {
  static final SessionListener INSTANCE = new Unheard();

  private Unheard() {}

  @Override
  public void onText(Slice utf8) {}

  @Override
  public void onBinary(Slice bytes) {}

  @Override
  public void onClose(CloseReason reason) {}
}
