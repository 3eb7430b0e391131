package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import dev.parley.stream.StreamPath;
import org.jspecify.annotations.Nullable;

/**
 * Someone without a token where tokens count: no rights to streams, and a program may still talk to
 * them.
 */
final class Nobody implements Caller {
  static final Caller CALLER = new Nobody();

  private Nobody() {}

  @Override
  public boolean may(Right right, StreamPath path) {
    return false;
  }

  @Override
  public boolean mayAdministrate() {
    return false;
  }

  @Override
  public @Nullable String subject() {
    return null;
  }

  @Override
  public long expiresAt() {
    return Long.MAX_VALUE;
  }
}
