package dev.parley.server;

import java.time.Duration;

/**
 * Settings of the node as a whole, under {@code server}.
 *
 * @param store where streams are kept
 * @param insecure listen beyond this machine without keys
 * @param drainPatience how long a stop waits for what is under way
 */
record NodeConfig(StoreKind store, boolean insecure, Duration drainPatience) {
  /** Where streams are kept. */
  enum StoreKind {
    /** In {@code rocksdb.folder}. */
    ROCKSDB,
    /** In memory, until the server stops. */
    MEMORY
  }

  static NodeConfig defaults() {
    return new NodeConfig(StoreKind.ROCKSDB, false, Duration.ofSeconds(10));
  }

  @SuppressWarnings("NullAway") // an empty value in a file arrives as null
  NodeConfig {
    if (store == null) {
      throw new IllegalArgumentException("server.store: none (expected: rocksdb or memory)");
    }
    if (drainPatience == null || drainPatience.isNegative()) {
      throw new IllegalArgumentException(
          "server.drain-patience: " + drainPatience + " (expected: >= 0s)");
    }
  }
}
