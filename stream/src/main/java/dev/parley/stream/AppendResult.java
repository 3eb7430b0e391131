package dev.parley.stream;

/**
 * What became of an append. Checked in this order: missing, gone, closed (a {@link Duplicate} when
 * it repeats the producer stamp that closed, or only closes and has no stamp), content type,
 * producer, {@code Stream-Seq}, expected tail.
 */
public sealed interface AppendResult {
  /** Stored, and durable as the stream's policy says. {@code first > tail} when it only closed. */
  record Appended(StreamInfo info, long first) implements AppendResult {}

  /**
   * Seen before: nothing was stored again. {@code lastSeq} is the producer's highest accepted
   * sequence, -1 without a producer.
   */
  record Duplicate(StreamInfo info, long lastSeq) implements AppendResult {}

  /** There is no such stream. */
  record Missing() implements AppendResult {}

  /** The stream is soft-deleted. */
  record Gone() implements AppendResult {}

  /** The stream is closed and takes no more. */
  record Closed(StreamInfo info) implements AppendResult {}

  /** The stream holds another content type. */
  record WrongContentType(String expected) implements AppendResult {}

  /** A newer epoch of the producer has written. */
  record StaleEpoch(long currentEpoch) implements AppendResult {}

  /** A producer's new epoch must begin with sequence 0. */
  record EpochNotAtZero(long received) implements AppendResult {}

  /** An earlier append of the producer has not arrived. */
  record SequenceGap(long expected, long received) implements AppendResult {}

  /** {@code Stream-Seq} is not greater than the last one. */
  record WriterSeqRegression(String last) implements AppendResult {}

  /** The stream has grown past the expected tail. */
  record TailMoved(long tail) implements AppendResult {}
}
