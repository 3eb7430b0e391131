package dev.parley.backend.rocksdb;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.ContentTypes;
import dev.parley.stream.CreateResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.Durability;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.ProducerStamp;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** Decides what becomes of a command, and stages it in the group. Confined to the writer. */
final class Clerk {
  private final StreamPolicies policies;
  private final Upkeep upkeep;

  Clerk(StreamPolicies policies, Upkeep upkeep) {
    this.policies = policies;
    this.upkeep = upkeep;
  }

  CreateResult create(Group group, StreamPath path, StreamSpec spec) throws RocksDBException {
    StreamState existing = upkeep.find(group, path);
    if (existing != null) {
      if (existing.deleted) {
        return new CreateResult.Conflict("path: " + path + " is deleted, and kept for its forks");
      }
      String difference = spec.difference(existing.info(path));
      return difference == null
          ? new CreateResult.Exists(existing.info(path))
          : new CreateResult.Conflict(difference);
    }
    StreamSpec.Fork fork = spec.fork();
    if (fork != null) {
      return fork(group, path, spec, fork);
    }
    String contentType = spec.contentType();
    if (contentType == null) {
      throw new IllegalArgumentException("content type: none (expected: one, unless for a fork)");
    }
    long id = group.nextId();
    StreamState stream =
        new StreamState(
            new StreamState.Origin(
                id,
                id,
                contentType,
                group.now(),
                spec.ttlSeconds(),
                spec.expiresAt(),
                null,
                0,
                List.of()));
    return created(group, path, stream, spec, List.of());
  }

  private CreateResult fork(Group group, StreamPath path, StreamSpec spec, StreamSpec.Fork fork)
      throws RocksDBException {
    StreamState source = upkeep.find(group, fork.source());
    if (source == null) {
      return new CreateResult.SourceMissing();
    }
    if (source.deleted) {
      return new CreateResult.SourceGone();
    }
    String sourceType = source.origin.contentType();
    if (spec.contentType() != null && !ContentTypes.same(spec.contentType(), sourceType)) {
      return new CreateResult.SourceContentType(sourceType);
    }
    long anchor = fork.offset() < 0 ? source.tail : fork.offset();
    String refusal = forkRefusal(group, source, anchor, fork);
    if (refusal != null) {
      return new CreateResult.BadForkPoint(refusal);
    }
    long at = anchor;
    Payload part = null;
    if (fork.subOffset() > 0) {
      switch (fork.unit()) {
        case MESSAGES -> at = anchor + fork.subOffset();
        case BYTES -> {
          Payload whole = group.message(source, anchor + 1, List.of()).payload();
          if (fork.subOffset() == whole.bytes().length) {
            at = anchor + 1;
          } else {
            byte[] bytes = Arrays.copyOf(whole.bytes(), (int) fork.subOffset());
            part = new Payload(bytes, whole.headers(), whole.sealedUnder());
          }
        }
      }
    }
    boolean inheritsExpiry = spec.ttlSeconds() < 0 && spec.expiresAt() < 0;
    StreamState branch =
        new StreamState(
            new StreamState.Origin(
                group.nextId(),
                source.origin.epoch(),
                sourceType,
                group.now(),
                inheritsExpiry ? source.origin.ttlSeconds() : spec.ttlSeconds(),
                inheritsExpiry ? source.origin.expiresAt() : spec.expiresAt(),
                new StreamSpec.Fork(fork.source(), anchor, fork.subOffset(), fork.unit()),
                at,
                source.segmentsTo(at)));
    branch.first = source.first;
    branch.positionBeforeFirst = source.positionBeforeFirst;
    branch.tailPosition = group.positionAt(source, at, List.of());
    if (at >= source.first) {
      branch.lastTimestamp = group.message(source, at, List.of()).timestamp();
    }
    CreateResult result =
        created(group, path, branch, spec, part == null ? List.of() : List.of(part));
    StreamState kept = source.copy();
    kept.forks++;
    group.stage(fork.source(), kept);
    return result;
  }

  /** Why {@code fork} does not name a point of its source, or {@code null} when it does. */
  private static @Nullable String forkRefusal(
      Group group, StreamState source, long anchor, StreamSpec.Fork fork) {
    if (anchor > source.tail) {
      return "fork offset: " + anchor + " (expected: <= " + source.tail + ")";
    }
    if (anchor < source.first - 1) {
      return "fork offset: " + anchor + " (expected: >= " + (source.first - 1) + ")";
    }
    if (fork.subOffset() == 0) {
      return null;
    }
    long room = 0;
    if (anchor < source.tail) {
      switch (fork.unit()) {
        case BYTES -> room = group.message(source, anchor + 1, List.of()).bytes().length;
        case MESSAGES -> {
          long last = anchor + 1;
          // No further than asked: an append may be long.
          while (last < source.tail
              && last - anchor < fork.subOffset()
              && !group.message(source, last + 1, List.of()).startsAppend()) {
            last++;
          }
          room = last - anchor;
        }
      }
    }
    return fork.subOffset() <= room
        ? null
        : "fork sub-offset: " + fork.subOffset() + " (expected: <= " + room + ")";
  }

  private CreateResult created(
      Group group, StreamPath path, StreamState stream, StreamSpec spec, List<Payload> part)
      throws RocksDBException {
    long first = stream.tail + 1;
    List<Message> messages = new ArrayList<>(stream.add(part, null, group.now()));
    messages.addAll(stream.add(spec.initial(), null, group.now()));
    stream.closed = spec.closed();
    grow(group, path, stream, messages);
    Durability durability = policies.of(path).durability();
    group.record(Change.Kind.CREATED, path, stream, first, messages, durability);
    return new CreateResult.Created(stream.info(path));
  }

  AppendResult append(Group group, StreamPath path, Append append) throws RocksDBException {
    StreamState found = upkeep.find(group, path);
    if (found == null) {
      return new AppendResult.Missing();
    }
    if (found.deleted) {
      return new AppendResult.Gone();
    }
    AppendResult refusal = refusal(group, path, found, append);
    if (refusal != null) {
      if (refusal instanceof AppendResult.Duplicate) {
        upkeep.touch(path, group.now());
      }
      return refusal;
    }
    StreamState stream = found.copy();
    long first = stream.tail + 1;
    ProducerStamp stamp = append.producer();
    List<Message> messages = stream.add(append.messages(), stamp, group.now());
    stream.usedAt = Math.max(stream.usedAt, group.now());
    if (append.writerSeq() != null) {
      stream.writerSeq = append.writerSeq();
    }
    if (append.close()) {
      stream.closed = true;
      stream.closedBy = stamp;
    }
    stream.hasProducers |= stamp != null;
    grow(group, path, stream, messages);
    if (stamp != null) {
      group.stamp(
          new Ledger.ProducerKey(stream.id(), stamp.id()),
          new Ledger.ProducerState(stamp.epoch(), stamp.seq()));
    }
    Change.Kind kind = append.close() ? Change.Kind.CLOSED : Change.Kind.APPENDED;
    group.record(kind, path, stream, first, messages, policies.of(path).durability());
    return new AppendResult.Appended(stream.info(path), first);
  }

  private void grow(Group group, StreamPath path, StreamState stream, List<Message> messages)
      throws RocksDBException {
    upkeep.retain(group, path, stream, messages);
    group.append(stream, messages);
    upkeep.release(group, stream, false);
    upkeep.arm(group, path, stream);
    group.stage(path, stream);
  }

  /** Why {@code append} cannot be taken, or {@code null} when it can. */
  private static @Nullable AppendResult refusal(
      Group group, StreamPath path, StreamState stream, Append append) {
    ProducerStamp stamp = append.producer();
    if (stream.closed) {
      boolean repeats = stamp == null ? append.messages().isEmpty() : stamp.equals(stream.closedBy);
      return repeats
          ? new AppendResult.Duplicate(stream.info(path), stamp == null ? -1 : stamp.seq())
          : new AppendResult.Closed(stream.info(path));
    }
    String contentType = stream.origin.contentType();
    if (append.contentType() != null && !ContentTypes.same(append.contentType(), contentType)) {
      return new AppendResult.WrongContentType(contentType);
    }
    AppendResult refused = stamp == null ? null : producerRefusal(group, path, stream, stamp);
    if (refused != null) {
      return refused;
    }
    String last = stream.writerSeq;
    String next = append.writerSeq();
    // Byte-wise (Durable Streams §5.2); String.compareTo orders UTF-16 units.
    if (next != null
        && last != null
        && Arrays.compareUnsigned(Keys.utf8(next), Keys.utf8(last)) <= 0) {
      return new AppendResult.WriterSeqRegression(last);
    }
    if (append.expectedTail() >= 0 && append.expectedTail() != stream.tail) {
      return new AppendResult.TailMoved(stream.tail);
    }
    return null;
  }

  /** Durable Streams §5.2.1, validation logic. */
  private static @Nullable AppendResult producerRefusal(
      Group group, StreamPath path, StreamState stream, ProducerStamp stamp) {
    Ledger.ProducerState state =
        stream.hasProducers
            ? group.producer(new Ledger.ProducerKey(stream.id(), stamp.id()))
            : null;
    if (state == null) {
      return stamp.seq() == 0 ? null : new AppendResult.SequenceGap(0, stamp.seq());
    }
    if (stamp.epoch() < state.epoch()) {
      return new AppendResult.StaleEpoch(state.epoch());
    }
    if (stamp.epoch() > state.epoch()) {
      return stamp.seq() == 0 ? null : new AppendResult.EpochNotAtZero(stamp.seq());
    }
    if (stamp.seq() <= state.lastSeq()) {
      return new AppendResult.Duplicate(stream.info(path), state.lastSeq());
    }
    return stamp.seq() == state.lastSeq() + 1
        ? null
        : new AppendResult.SequenceGap(state.lastSeq() + 1, stamp.seq());
  }

  DeleteResult delete(Group group, StreamPath path) throws RocksDBException {
    StreamState stream = upkeep.find(group, path);
    if (stream == null) {
      return DeleteResult.MISSING;
    }
    if (stream.deleted) {
      return DeleteResult.GONE;
    }
    upkeep.remove(group, path, stream);
    return stream.forks > 0 ? DeleteResult.SOFT_DELETED : DeleteResult.DELETED;
  }

  boolean trim(Group group, StreamPath path, long first) throws RocksDBException {
    StreamState found = upkeep.find(group, path);
    if (found == null || found.deleted) {
      return false;
    }
    StreamState stream = found.copy();
    if (upkeep.trim(group, stream, first, List.of())) {
      upkeep.release(group, stream, true);
      group.stage(path, stream);
      Durability durability = policies.of(path).durability();
      group.record(Change.Kind.TRIMMED, path, stream, stream.first, List.of(), durability);
    }
    return true;
  }
}
