package dev.parley.stream;

import org.jspecify.annotations.Nullable;

/**
 * A stream's state at one moment.
 *
 * @param id the store's number for it, increasing and never used twice
 * @param epoch tells a stream from an earlier one at the same path; a fork has its source's
 * @param tail offset of the newest message, 0 when there is none
 * @param first offset of the oldest message still kept; {@code tail + 1} when there is none
 * @param bytes payload bytes still readable, inherited ones counted
 * @param createdAt milliseconds since the Unix epoch
 * @param lastTimestamp timestamp of the newest message, or {@code createdAt}
 * @param ttlSeconds sliding time to live, or -1
 * @param expiresAt absolute expiry in milliseconds since the Unix epoch, or -1
 * @param deleted soft-deleted: kept only for its forks
 * @param fork where it branched off, with the offset it resolved to, or {@code null}
 */
public record StreamInfo(
    StreamPath path,
    long id,
    long epoch,
    String contentType,
    long tail,
    long first,
    long bytes,
    long createdAt,
    long lastTimestamp,
    long ttlSeconds,
    long expiresAt,
    boolean closed,
    boolean deleted,
    StreamSpec.@Nullable Fork fork) {}
