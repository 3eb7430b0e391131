package dev.parley.wire.durable.subscription;

import dev.parley.stream.StreamPath;
import java.net.URI;

/** How a subscription's worker is woken. */
sealed interface WakeTarget {
  /** A request to {@code url} (Durable Streams §7.1). */
  record Webhook(URI url) implements WakeTarget {}

  /** An event on a stream that workers follow (§7.2). */
  record PullWake(StreamPath stream) implements WakeTarget {}
}
