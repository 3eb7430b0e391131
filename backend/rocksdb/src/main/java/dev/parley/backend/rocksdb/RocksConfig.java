package dev.parley.backend.rocksdb;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What a {@link RocksStore} is opened with; keys are those of the configuration file, below {@code
 * rocksdb}. Immutable.
 *
 * @param folder data folder, created when missing
 * @param asyncBound how long a message of an {@code async} stream may stay unsynced
 * @param minFreeBytes appends are refused while the device has less than this left
 * @param writeBufferBytes memory for messages before they are flushed to a table
 * @param blockCacheBytes memory for blocks, indexes and filters read from tables
 * @param mailbox commands waiting for the writer; one more is refused
 * @param maxBatch most commands of one commit group
 * @param sweepInterval how often expiry and retention by age are looked after
 */
public record RocksConfig(
    Path folder,
    Duration asyncBound,
    long minFreeBytes,
    long writeBufferBytes,
    long blockCacheBytes,
    int mailbox,
    int maxBatch,
    Duration sweepInterval) {

  public RocksConfig {
    require(asyncBound.isPositive(), "async-bound", asyncBound, "> 0");
    require(minFreeBytes >= 0, "min-free-bytes", minFreeBytes, ">= 0");
    require(writeBufferBytes >= 1 << 20, "write-buffer-bytes", writeBufferBytes, ">= 1048576");
    require(blockCacheBytes >= 1 << 20, "block-cache-bytes", blockCacheBytes, ">= 1048576");
    require(mailbox >= 1, "mailbox", mailbox, ">= 1");
    require(maxBatch >= 1, "max-batch", maxBatch, ">= 1");
    require(sweepInterval.isPositive(), "sweep-interval", sweepInterval, "> 0");
  }

  /** The defaults, with the data in {@code folder}. */
  public static RocksConfig defaults(Path folder) {
    return new RocksConfig(
        folder,
        Duration.ofMillis(50),
        64L << 20,
        32L << 20,
        64L << 20,
        16_384,
        1024,
        Duration.ofSeconds(1));
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "rocksdb." + key + ": " + value + " (expected: " + expected + ")");
    }
  }
}
