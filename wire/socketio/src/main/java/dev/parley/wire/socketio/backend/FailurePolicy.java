package dev.parley.wire.socketio.backend;

/** What holds when a backend cannot be asked, or answers nothing that can be used. */
public enum FailurePolicy {
  DENY,
  ALLOW
}
