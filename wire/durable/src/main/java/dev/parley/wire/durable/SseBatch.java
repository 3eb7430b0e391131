package dev.parley.wire.durable;

import dev.parley.hub.Delivery;
import dev.parley.transport.SharedFrame;
import java.util.List;

/**
 * A delivery as events, shared by the followers of one event loop; the hub closes it after they all
 * have it.
 *
 * @param cursor in its control events, or -1 when it has none
 * @param frames one of everything, or one of each data event
 * @param offsets of the last message of each data event, when there are no control events
 */
record SseBatch(long cursor, List<SharedFrame> frames, List<Long> offsets)
    implements AutoCloseable {

  /** Whether nothing can follow the delivery. */
  static boolean ends(Delivery delivery) {
    return delivery.upToDate() && delivery.info().closed();
  }

  @Override
  public void close() {
    frames.forEach(SharedFrame::release);
  }
}
