package dev.parley.stream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How much of a stream's past is kept. The oldest messages go first; a fork keeps what it inherits
 * alive. It leaves no entry in the change feed. The newest message is kept even when it alone is
 * larger than {@code maxBytes}; {@code maxAge} spares none.
 */
public record Retention(@Nullable Duration maxAge, long maxCount, long maxBytes) {
  public static final Retention FOREVER = new Retention(null, Long.MAX_VALUE, Long.MAX_VALUE);

  public Retention {
    if (maxAge != null && (maxAge.isZero() || maxAge.isNegative())) {
      throw new IllegalArgumentException("retention.max-age: " + maxAge + " (expected: > 0)");
    }
    if (maxCount < 1) {
      throw new IllegalArgumentException("retention.max-count: " + maxCount + " (expected: >= 1)");
    }
    if (maxBytes < 1) {
      throw new IllegalArgumentException("retention.max-bytes: " + maxBytes + " (expected: >= 1)");
    }
  }

  public boolean keepsEverything() {
    return equals(FOREVER);
  }
}
