package dev.parley.backend.rocksdb;

import dev.parley.stream.ProducerStamp;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The stored form of a {@link StreamState}; its path is the key. Stateless.
 *
 * <p>A new optional field is appended at the end, where version 1 readers do not look; anything
 * else takes a new version.
 */
final class StateCodec {
  private static final int VERSION = 1;
  private static final int CLOSED = 1;
  private static final int DELETED = 1 << 1;
  private static final int PRODUCERS = 1 << 2;
  private static final int CLOSED_BY = 1 << 3;
  private static final int FORK = 1 << 4;

  private StateCodec() {}

  static byte[] encode(StreamState state) {
    StreamState.Origin origin = state.origin;
    ProducerStamp closedBy = state.closedBy;
    StreamSpec.Fork fork = origin.fork();
    int flags =
        (state.closed ? CLOSED : 0)
            | (state.deleted ? DELETED : 0)
            | (state.hasProducers ? PRODUCERS : 0)
            | (closedBy != null ? CLOSED_BY : 0)
            | (fork != null ? FORK : 0);
    Packer fields = new Packer().put(VERSION).put(flags);
    fields.number(origin.id()).number(origin.epoch()).text(origin.contentType());
    fields.number(origin.createdAt());
    fields.optional(origin.ttlSeconds()).optional(origin.expiresAt());
    fields.number(state.tail).number(state.tailPosition);
    fields.number(state.first).number(state.positionBeforeFirst).number(state.kept);
    fields.number(state.lastTimestamp).number(state.usedAt);
    fields.text(state.writerSeq).number(state.forks).optional(state.dueAt);
    if (closedBy != null) {
      fields.text(closedBy.id()).number(closedBy.epoch()).number(closedBy.seq());
    }
    if (fork != null) {
      fields.text(fork.source().value()).number(fork.offset()).number(fork.subOffset());
      fields.put(fork.unit() == StreamSpec.Fork.Unit.MESSAGES ? 0 : 1);
      fields.number(origin.base()).number(origin.inherited().size());
      for (StreamState.Segment segment : origin.inherited()) {
        fields.number(segment.streamId()).number(segment.last());
      }
    }
    return fields.toBytes();
  }

  static StreamState decode(StreamPath path, byte[] stored) {
    Unpacker fields = new Unpacker("stream " + path, stored);
    fields.version(VERSION);
    int flags = fields.get();
    long id = fields.number();
    long epoch = fields.number();
    String contentType = fields.text();
    long createdAt = fields.number();
    long ttlSeconds = fields.optional();
    long expiresAt = fields.optional();
    long tail = fields.number();
    long tailPosition = fields.number();
    long first = fields.number();
    long positionBeforeFirst = fields.number();
    long kept = fields.number();
    long lastTimestamp = fields.number();
    long usedAt = fields.number();
    String writerSeq = fields.textOrNull();
    long forks = fields.number();
    long dueAt = fields.optional();
    ProducerStamp closedBy = null;
    if ((flags & CLOSED_BY) != 0) {
      closedBy = new ProducerStamp(fields.text(), fields.number(), fields.number());
    }
    StreamSpec.Fork fork = null;
    long base = 0;
    List<StreamState.Segment> inherited = List.of();
    if ((flags & FORK) != 0) {
      fork = fork(fields);
      base = fields.number();
      inherited = segments(fields);
    }
    StreamState state =
        new StreamState(
            new StreamState.Origin(
                id, epoch, contentType, createdAt, ttlSeconds, expiresAt, fork, base, inherited));
    state.tail = tail;
    state.tailPosition = tailPosition;
    state.first = first;
    state.positionBeforeFirst = positionBeforeFirst;
    state.kept = kept;
    state.lastTimestamp = lastTimestamp;
    state.usedAt = usedAt;
    state.writerSeq = writerSeq;
    state.forks = forks;
    state.dueAt = dueAt;
    state.closedBy = closedBy;
    state.closed = (flags & CLOSED) != 0;
    state.deleted = (flags & DELETED) != 0;
    state.hasProducers = (flags & PRODUCERS) != 0;
    return state;
  }

  private static StreamSpec.Fork fork(Unpacker fields) {
    return new StreamSpec.Fork(
        StreamPath.of(fields.text()),
        fields.number(),
        fields.number(),
        fields.get() == 0 ? StreamSpec.Fork.Unit.MESSAGES : StreamSpec.Fork.Unit.BYTES);
  }

  private static List<StreamState.Segment> segments(Unpacker fields) {
    long count = fields.number();
    List<StreamState.Segment> segments = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      segments.add(new StreamState.Segment(fields.number(), fields.number()));
    }
    return List.copyOf(segments);
  }
}
