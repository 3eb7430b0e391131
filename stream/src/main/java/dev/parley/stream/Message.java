package dev.parley.stream;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One immutable record of a stream.
 *
 * @param offset position, contiguous from 1 inside an epoch
 * @param timestamp milliseconds since the Unix epoch, set by the store, never decreasing inside a
 *     stream
 * @param startsAppend whether it is the first message of the append that brought it (a batch is
 *     atomic)
 * @param position bytes of payload in the stream up to and including this message, inherited ones
 *     counted
 * @param producer who wrote it, when it said so
 * @param payload as stored; never changed by anyone who holds it
 */
public record Message(
    long offset,
    long timestamp,
    boolean startsAppend,
    long position,
    @Nullable ProducerStamp producer,
    Payload payload) {

  public byte[] bytes() {
    return payload.bytes();
  }

  public Map<String, String> headers() {
    return payload.headers();
  }
}
