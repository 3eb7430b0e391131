package dev.parley.wire.socketio;

import dev.parley.hub.Caller;
import java.util.concurrent.CompletableFuture;

/** Finds out who a client is. Never blocks. */
@FunctionalInterface
public interface Identity {
  /**
   * Judges an access token. The future fails, with a message fit for the client, when it is not
   * good.
   */
  CompletableFuture<Caller> caller(String token);
}
