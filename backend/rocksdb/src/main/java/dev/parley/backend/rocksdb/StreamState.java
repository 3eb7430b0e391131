package dev.parley.backend.rocksdb;

import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is stored about one stream besides its messages. A command changes a copy that belongs to
 * the writer; once staged in a group, or read from disk, it is never changed again.
 */
final class StreamState {
  /**
   * What never changes.
   *
   * @param base last inherited offset, 0 for a stream with a past of its own
   * @param inherited which logs hold the inherited messages, oldest first
   */
  record Origin(
      long id,
      long epoch,
      String contentType,
      long createdAt,
      long ttlSeconds,
      long expiresAt,
      StreamSpec.@Nullable Fork fork,
      long base,
      List<Segment> inherited) {}

  /** The log of {@code streamId} holds the messages up to {@code last}, past the segment before. */
  record Segment(long streamId, long last) {}

  final Origin origin;
  long tail;
  long tailPosition;
  long first = 1;
  long positionBeforeFirst;
  long kept; // first own offset not yet removed from disk; trails first
  long lastTimestamp;
  long usedAt;
  boolean closed;
  boolean deleted;
  boolean hasProducers;
  @Nullable ProducerStamp closedBy;
  @Nullable String writerSeq;
  long forks;
  long dueAt = -1; // where the due index holds it

  StreamState(Origin origin) {
    this.origin = origin;
    this.tail = origin.base;
    this.kept = origin.base + 1;
    this.lastTimestamp = origin.createdAt;
    this.usedAt = origin.createdAt;
  }

  StreamState copy() {
    StreamState copy = new StreamState(origin);
    copy.tail = tail;
    copy.tailPosition = tailPosition;
    copy.first = first;
    copy.positionBeforeFirst = positionBeforeFirst;
    copy.kept = kept;
    copy.lastTimestamp = lastTimestamp;
    copy.usedAt = usedAt;
    copy.closed = closed;
    copy.deleted = deleted;
    copy.hasProducers = hasProducers;
    copy.closedBy = closedBy;
    copy.writerSeq = writerSeq;
    copy.forks = forks;
    copy.dueAt = dueAt;
    return copy;
  }

  long id() {
    return origin.id;
  }

  /** The stream whose log holds the message at {@code offset}. */
  long logOf(long offset) {
    if (offset <= origin.base) {
      for (Segment segment : origin.inherited) {
        if (offset <= segment.last) {
          return segment.streamId;
        }
      }
    }
    return origin.id;
  }

  /** The last offset in the log that holds {@code offset}. */
  long endOfLog(long offset) {
    if (offset <= origin.base) {
      for (Segment segment : origin.inherited) {
        if (offset <= segment.last) {
          return segment.last;
        }
      }
    }
    return tail;
  }

  /** Which logs a fork that inherits up to {@code at} reads. */
  List<Segment> segmentsTo(long at) {
    List<Segment> segments = new ArrayList<>();
    for (Segment segment : origin.inherited) {
      long last = Math.min(segment.last, at);
      if (last >= first && (segments.isEmpty() || last > segments.getLast().last)) {
        segments.add(new Segment(segment.streamId, last));
      }
    }
    if (at > origin.base && at >= first) {
      segments.add(new Segment(origin.id, at));
    }
    return List.copyOf(segments);
  }

  /** Adds messages that nobody has refused; their timestamps never go back. */
  List<Message> add(List<Payload> payloads, @Nullable ProducerStamp producer, long now) {
    List<Message> added = new ArrayList<>(payloads.size());
    lastTimestamp = payloads.isEmpty() ? lastTimestamp : Math.max(lastTimestamp, now);
    for (Payload payload : payloads) {
      tail++;
      tailPosition += payload.bytes().length;
      added.add(new Message(tail, lastTimestamp, added.isEmpty(), tailPosition, producer, payload));
    }
    return added;
  }

  /** When it expires, in milliseconds since the Unix epoch; {@code Long.MAX_VALUE} for never. */
  long deadline(long touchedAt) {
    if (origin.ttlSeconds < 0) {
      return origin.expiresAt < 0 ? Long.MAX_VALUE : origin.expiresAt;
    }
    long from = Math.max(usedAt, touchedAt);
    return origin.ttlSeconds > (Long.MAX_VALUE - from) / 1000
        ? Long.MAX_VALUE
        : from + origin.ttlSeconds * 1000;
  }

  StreamInfo info(StreamPath path) {
    return info(path, deleted);
  }

  StreamInfo info(StreamPath path, boolean deleted) {
    return new StreamInfo(
        path,
        origin.id,
        origin.epoch,
        origin.contentType,
        tail,
        first,
        tailPosition - positionBeforeFirst,
        origin.createdAt,
        lastTimestamp,
        origin.ttlSeconds,
        origin.expiresAt,
        closed,
        deleted,
        origin.fork);
  }
}
