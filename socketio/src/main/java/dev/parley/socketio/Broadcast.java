package dev.parley.socketio;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A choice of sockets of one namespace, and what can be done to all of them. Immutable: each method
 * that narrows it returns another. Safe on any thread.
 */
public interface Broadcast {
  /** Those in at least one of these rooms, and of rooms named before; a socket's id is its own. */
  Broadcast to(String... rooms);

  /** Without those in any of these rooms. */
  Broadcast except(String... rooms);

  /** Only those on this node. */
  Broadcast local();

  /**
   * May be dropped for a socket that cannot take it at once, is not kept for recovery, and is
   * called {@code volatile} elsewhere.
   */
  Broadcast asVolatile();

  /** Whether messages large enough are compressed for those who agreed on it; they are. */
  Broadcast compress(boolean compress);

  /** How long {@link #emitWithAck} waits for answers; 5 s when not said. */
  Broadcast timeout(Duration timeout);

  /**
   * Sends an event.
   *
   * @param args anything JSON can say: records, maps, lists, numbers, {@code null}; {@code byte[]}
   *     travels as bytes; an {@link Arguments} stands for all it holds
   * @throws IllegalArgumentException when an argument cannot be said in JSON
   */
  void emit(String event, @Nullable Object... args);

  /**
   * Sends an event and gathers the answers of all chosen. Fails with {@link AckTimeoutException},
   * which has the answers that came, when one is missing.
   */
  CompletableFuture<List<Arguments>> emitWithAck(String event, @Nullable Object... args);

  /** Who is chosen, on all nodes. */
  CompletableFuture<List<RemoteSocket>> fetchSockets();

  /** Makes all of them join. */
  void socketsJoin(String... rooms);

  /** Makes all of them leave. */
  void socketsLeave(String... rooms);

  /**
   * Disconnects all of them.
   *
   * @param close whether their connection is closed too, with its other namespaces
   */
  void disconnectSockets(boolean close);
}
