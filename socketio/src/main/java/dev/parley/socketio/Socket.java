package dev.parley.socketio;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client in one namespace. Safe on any thread; its handlers run one after the other in the
 * order of the client's events.
 */
public interface Socket {
  /** Public: others may know it. 20 characters; the same after a recovery. */
  String id();

  Namespace namespace();

  Handshake handshake();

  /**
   * What the application keeps of it, as values JSON can say. Kept for recovery when it is on: a
   * change is saved, a change inside a value is not noticed.
   */
  Map<String, Object> data();

  /** Whether it took up an earlier session with all it had missed, its id, rooms and data. */
  boolean recovered();

  boolean connected();

  /** The rooms it is in, its own id left out. A snapshot. */
  Set<String> rooms();

  void join(String... rooms);

  void leave(String... rooms);

  /** Handles an event; several handlers of one event run in the order of registration. */
  Socket on(String event, Consumer<Arguments> handler);

  /**
   * Handles an event whose first argument is a {@code T}; one that is not goes to {@link #onError}.
   */
  <T> Socket on(String event, Class<T> type, Consumer<T> handler);

  /** As above, for events that want an answer; for others the {@link Ack} does nothing. */
  <T> Socket on(String event, Class<T> type, BiConsumer<T, Ack> handler);

  /** Handles an event once. */
  Socket once(String event, Consumer<Arguments> handler);

  /** Forgets the handlers of an event. */
  Socket off(String event);

  /** Hears every event of the client before its handlers. */
  Socket onAny(BiConsumer<String, Arguments> handler);

  /** Hears every event sent to this socket alone or as one of many. */
  Socket onAnyOutgoing(BiConsumer<String, Arguments> handler);

  /**
   * Runs before the handlers of every event; an exception keeps the event from them and goes to
   * {@link #onError}.
   */
  default Socket use(EventMiddleware middleware) {
    return rewrite((event, arguments) -> {
      middleware.beforeEvent(event, arguments);
      return new Object[] {arguments};
    });
  }

  /**
   * As {@link #use}, and in one order with it: what it returns goes on instead of the arguments,
   * with their {@link Ack}.
   */
  Socket rewrite(EventRewriter rewriter);

  /** Hears what handlers and middleware throw; without it, it is logged. */
  Socket onError(Consumer<Exception> handler);

  /**
   * Runs when it is about to go, with its rooms still there; the reason is the official server's.
   */
  Socket onDisconnecting(Consumer<String> handler);

  /** Runs when it has gone and left its rooms. */
  Socket onDisconnect(Consumer<String> handler);

  /** Sends an event to this client; arguments as in {@link Broadcast#emit}. */
  void emit(String event, @Nullable Object... args);

  /**
   * Sends an event and completes with its answer, or with {@link AckTimeoutException} after 5 s.
   */
  CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... args);

  /** This socket alone, with options. */
  Emitter with();

  /** All others of the namespace. */
  Broadcast broadcast();

  /** All others in these rooms. */
  Broadcast to(String... rooms);

  /** All others but those in these rooms. */
  Broadcast except(String... rooms);

  /** Leaves the namespace; the connection stays for others. */
  default void disconnect() {
    disconnect(false);
  }

  /**
   * Leaves the namespace.
   *
   * @param close whether the connection is closed too
   */
  void disconnect(boolean close);

  /** Sees an event before its handlers do. */
  @FunctionalInterface
  interface EventMiddleware {
    void beforeEvent(String event, Arguments arguments) throws Exception;
  }

  /** Sees an event before its handlers do, and says what they get. */
  @FunctionalInterface
  interface EventRewriter {
    /**
     * Returns arguments as in {@link Broadcast#emit}, so {@code arguments} itself for all as they
     * are; {@code null} keeps the event from its handlers.
     */
    @Nullable Object @Nullable [] rewrite(String event, Arguments arguments) throws Exception;
  }

  /** How an event is sent to one socket. Immutable. */
  interface Emitter {
    /** See {@link Broadcast#asVolatile}. */
    Emitter asVolatile();

    Emitter compress(boolean compress);

    Emitter timeout(Duration timeout);

    void emit(String event, @Nullable Object... args);

    CompletableFuture<Arguments> emitWithAck(String event, @Nullable Object... args);
  }
}
