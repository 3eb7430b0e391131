package dev.parley.transport;

/**
 * What a connection speaks; the connection tells it about time. Confined to the connection's loop.
 */
sealed interface Protocol permits ProtocolDetection, Http1, Http2, WebSocketChannel {
  /** The deadline of the connection's phase has passed. */
  void onDeadline(Connection.Phase phase);

  /** Looks for streams within the connection that are overdue. */
  default void sweep(long nowNanos) {}

  /** Takes no new requests and closes the connection after those under way. */
  void drain();
}
