package dev.parley.backend.rocksdb;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Knows whether the device still has its reserve, so that appends are refused before RocksDB runs
 * into the wall. Confined to the writer.
 */
final class SpaceGuard {
  /** How much of the device is left. */
  interface Probe {
    long usableBytes() throws IOException;

    static Probe of(Path folder) {
      return new Probe() {
        private final FileStore store = store();

        private FileStore store() {
          try {
            return Files.getFileStore(folder);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        }

        @Override
        public long usableBytes() throws IOException {
          return store.getUsableSpace();
        }
      };
    }
  }

  private static final long INTERVAL_NANOS = 5_000_000;
  private static final long INTERVAL_BYTES = 1 << 20;

  private final Probe probe;
  private final long reserve;
  private long usable;
  private long lookedAt;
  private long written;
  private boolean looked;

  SpaceGuard(Probe probe, long reserve) {
    this.probe = probe;
    this.reserve = reserve;
  }

  /** Counts bytes on their way to the device; the next look comes sooner for them. */
  void wrote(long bytes) {
    written += bytes;
  }

  boolean full(long nowNanos) {
    if (!looked || nowNanos - lookedAt >= INTERVAL_NANOS || written >= INTERVAL_BYTES) {
      look(nowNanos);
    }
    return usable - written < reserve;
  }

  private void look(long nowNanos) {
    try {
      usable = probe.usableBytes();
    } catch (IOException e) {
      usable = Long.MAX_VALUE; // let the write itself find out
    }
    looked = true;
    lookedAt = nowNanos;
    written = 0;
  }

  String describe() {
    return "rocksdb.min-free-bytes: "
        + usable
        + " bytes left on the device (expected: >= "
        + reserve
        + ")";
  }
}
