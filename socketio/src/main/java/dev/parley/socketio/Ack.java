package dev.parley.socketio;

import org.jspecify.annotations.Nullable;

/** Answers one event, once. Safe on any thread. */
@FunctionalInterface
public interface Ack {
  /** Arguments as in {@link Broadcast#emit}. */
  void send(@Nullable Object... args);
}
