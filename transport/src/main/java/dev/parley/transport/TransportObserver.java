package dev.parley.transport;

/**
 * Hears how long the stages of the transport take. Called on event loops: be quick, and keep one
 * writer per loop in mind.
 */
public interface TransportObserver {
  /** Hears nothing. */
  TransportObserver NONE = new TransportObserver() {};

  /** A request was handed to the handler this long after the last of its bytes was read. */
  default void onRequest(long decodeNanos) {}

  /** The connections written to in one pass of an event loop were flushed, which took this long. */
  default void onFlush(long nanos, int connections) {}
}
