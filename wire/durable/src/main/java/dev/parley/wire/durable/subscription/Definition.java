package dev.parley.wire.durable.subscription;

import dev.parley.stream.PathPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription was created with, normalized: equal definitions are the same subscription
 * (Durable Streams §6.2).
 *
 * @param streams explicit stream paths, sorted, each once
 * @param leaseMillis how long a worker may be silent
 */
record Definition(
    String id,
    @Nullable PathPattern pattern,
    List<String> streams,
    WakeTarget target,
    long leaseMillis,
    @Nullable String description) {
  static final long DEFAULT_LEASE_MILLIS = 30_000;
  static final long MIN_LEASE_MILLIS = 1_000;
  static final long MAX_LEASE_MILLIS = 600_000;

  Definition {
    streams = streams.stream().distinct().sorted().toList();
  }

  /** The part of every matching path that comes before the pattern's first wildcard. */
  String literalPrefix() {
    if (pattern == null) {
      return "";
    }
    int star = pattern.value().indexOf('*');
    if (star < 0) {
      return pattern.value();
    }
    // "a/**" also matches "a" (zero segments), so the slash before the wildcard is no literal.
    return pattern.value().substring(0, Math.max(0, star - 1));
  }

  boolean matches(String path) {
    return pattern != null
        && path.startsWith(literalPrefix())
        && !isOwnWakeStream(path)
        && pattern.matches(path);
  }

  /** A subscription that followed its own wake stream would wake itself for ever. */
  boolean isOwnWakeStream(String path) {
    return target instanceof WakeTarget.PullWake pull && pull.stream().value().equals(path);
  }
}
