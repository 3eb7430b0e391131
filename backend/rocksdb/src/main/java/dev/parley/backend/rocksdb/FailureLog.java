package dev.parley.backend.rocksdb;

import dev.parley.stream.StoreException;
import dev.parley.stream.StoreException.Code;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Logs failures of the device and of what is on it: a line a second at most, since one damaged
 * block fails every read of a popular stream. For any thread.
 */
final class FailureLog {
  private static final System.Logger LOG = System.getLogger(FailureLog.class.getName());
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private @Nullable Long lastNanos; // guarded by this
  private long unsaid; // guarded by this

  /** Logs what went wrong, and answers what the caller hears of it. */
  StoreException report(Throwable cause) {
    if (!(cause instanceof StoreException failure)) {
      LOG.log(System.Logger.Level.ERROR, "store", cause); // an accident, whose trace is needed
      return new StoreException(Code.IO, "store: " + cause, cause);
    }
    String line = failure.code().retryable() ? null : line(failure, System.nanoTime());
    if (line != null) {
      LOG.log(System.Logger.Level.ERROR, line);
    }
    return failure;
  }

  /** What to say of a failure now, or {@code null} for nothing yet. */
  synchronized @Nullable String line(StoreException failure, long nowNanos) {
    if (lastNanos != null && nowNanos - lastNanos < INTERVAL_NANOS) {
      unsaid++;
      return null;
    }
    String line = failure.getMessage() + (unsaid == 0 ? "" : " (and " + unsaid + " failures more)");
    lastNanos = nowNanos;
    unsaid = 0;
    return line;
  }
}
