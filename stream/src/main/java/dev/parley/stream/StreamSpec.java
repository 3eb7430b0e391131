package dev.parley.stream;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a stream is created with.
 *
 * @param contentType media type; {@code null} for a fork that takes its source's
 * @param ttlSeconds sliding time to live, or -1
 * @param expiresAt absolute expiry in milliseconds since the Unix epoch, or -1
 * @param closed whether it is born closed
 * @param fork where it branches off, or {@code null}
 * @param initial first messages, stored atomically with the creation
 */
public record StreamSpec(
    @Nullable String contentType,
    long ttlSeconds,
    long expiresAt,
    boolean closed,
    @Nullable Fork fork,
    List<Payload> initial) {

  /**
   * Where a fork branches off.
   *
   * @param offset last inherited offset; -1 for the source's tail at that moment
   * @param subOffset how far past {@code offset}, in {@code unit}s, still inside the next append of
   *     the source
   */
  public record Fork(StreamPath source, long offset, long subOffset, Unit unit) {
    public Fork {
      if (offset < -1) {
        throw new IllegalArgumentException(
            "fork offset: " + offset + " (expected: >= 0, or -1 for the source's tail)");
      }
      if (subOffset < 0) {
        throw new IllegalArgumentException("fork sub-offset: " + subOffset + " (expected: >= 0)");
      }
    }

    /** Of what {@link #subOffset} counts. */
    public enum Unit {
      /** Whole messages of the next append. */
      MESSAGES,
      /**
       * Bytes of the next append's single message; the part becomes the fork's first own message.
       */
      BYTES
    }
  }

  public StreamSpec {
    initial = List.copyOf(initial);
    if (ttlSeconds >= 0 && expiresAt >= 0) {
      throw new IllegalArgumentException("a stream has a time to live or an expiry, not both");
    }
    if (contentType == null && fork == null) {
      throw new IllegalArgumentException("content type: none (expected: one, or a fork's source)");
    }
  }

  public static StreamSpec of(String contentType) {
    return new StreamSpec(contentType, -1, -1, false, null, List.of());
  }

  /**
   * In what an existing stream differs from this, as a sentence for the client; {@code null} when
   * creating it again is idempotent (Durable Streams §5.1, §4.2). What a fork's request leaves out
   * (content type, expiry, offset) matches whatever the fork took from its source.
   */
  public @Nullable String difference(StreamInfo existing) {
    if (contentType != null && !ContentTypes.same(contentType, existing.contentType())) {
      return "content type: " + contentType + " (expected: " + existing.contentType() + ")";
    }
    boolean inheritsExpiry = fork != null && ttlSeconds < 0 && expiresAt < 0;
    if (!inheritsExpiry && ttlSeconds != existing.ttlSeconds()) {
      return "time to live: " + ttlSeconds + " (expected: " + existing.ttlSeconds() + ")";
    }
    if (!inheritsExpiry && expiresAt != existing.expiresAt()) {
      return "expiry: " + expiresAt + " (expected: " + existing.expiresAt() + ")";
    }
    if (closed != existing.closed()) {
      return "closed: " + closed + " (expected: " + existing.closed() + ")";
    }
    Fork branch = existing.fork();
    if (fork == null || branch == null) {
      return fork == branch ? null : "fork: one is a fork and the other is not";
    }
    if (!fork.source().equals(branch.source())) {
      return "fork source: " + fork.source() + " (expected: " + branch.source() + ")";
    }
    if (fork.offset() < 0 && fork.subOffset() == 0) {
      return null;
    }
    if (fork.offset() != branch.offset() || fork.subOffset() != branch.subOffset()) {
      return String.format(
          Locale.ROOT,
          "fork point: %d+%d (expected: %d+%d)",
          fork.offset(),
          fork.subOffset(),
          branch.offset(),
          branch.subOffset());
    }
    return null;
  }
}
