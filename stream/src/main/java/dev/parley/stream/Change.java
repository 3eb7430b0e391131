package dev.parley.stream;

/**
 * One entry of a store's change feed.
 *
 * @param sequence contiguous from 1 across all streams of the store
 * @param first first offset it concerns; for {@link Kind#TRIMMED} the new first offset, and {@code
 *     tail + 1} when it brought no messages
 * @param last last offset it concerns; less than {@code first} when it brought no messages
 */
public record Change(
    long sequence,
    Kind kind,
    StreamPath path,
    long streamId,
    long timestamp,
    long first,
    long last) {
  public enum Kind {
    CREATED,
    APPENDED,
    /** Closed, together with the messages it names, if any. */
    CLOSED,
    DELETED,
    TRIMMED
  }
}
