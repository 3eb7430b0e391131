package dev.parley.wire.durable.subscription;

import dev.parley.wire.durable.OffsetToken;
import java.util.Map;

/**
 * One call for a worker (Durable Streams §7.3).
 *
 * @param id unique, so that no request for one wake passes for another
 * @param generation the subscription's fencing counter
 * @param stream the first stream that had something pending
 * @param snapshot what the worker is told of pending streams: acknowledged when a webhook answers
 *     that it is done
 */
record Wake(String id, long generation, String stream, Map<String, OffsetToken> snapshot) {
  Wake {
    snapshot = Map.copyOf(snapshot);
  }
}
