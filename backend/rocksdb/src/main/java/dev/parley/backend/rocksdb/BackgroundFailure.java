package dev.parley.backend.rocksdb;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * The failure of a flush or compaction that RocksDB has not got over yet, if any. RocksDB's threads
 * set it, the writer reads it when a write has to wait: with a failed flush it could wait for ever.
 */
final class BackgroundFailure extends AbstractEventListener {
  private volatile @Nullable Status failure;

  BackgroundFailure() {
    super(
        EnabledEventCallback.ON_BACKGROUND_ERROR, EnabledEventCallback.ON_ERROR_RECOVERY_COMPLETED);
  }

  @Override
  public void onBackgroundError(BackgroundErrorReason reason, Status status) {
    failure = status;
  }

  @Override
  public void onErrorRecoveryCompleted(Status old) {
    failure = null;
  }

  /** Forgets it, for a handle that starts anew. */
  void clear() {
    failure = null;
  }

  boolean present() {
    return failure != null;
  }

  RocksDBException exception() {
    Status status = Objects.requireNonNull(failure);
    return new RocksDBException("a flush or compaction failed: " + status.getCodeString(), status);
  }
}
