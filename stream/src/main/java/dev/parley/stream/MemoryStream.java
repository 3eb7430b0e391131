package dev.parley.stream;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a {@link MemoryStore}: its own messages, and the source its inherited ones are read
 * from. Confined to the store's thread.
 */
final class MemoryStream {
  /** The newest append accepted from a producer. */
  private record ProducerState(long epoch, long lastSeq) {}

  final StreamPath path;
  final long id;
  final long epoch;
  final String contentType;
  final long createdAt;
  final long ttlSeconds;
  final long expiresAt;
  final StreamSpec.@Nullable Fork fork;
  final @Nullable MemoryStream source;

  private final long base; // last inherited offset
  private final Set<MemoryStream> forks = new HashSet<>();
  private final Map<String, ProducerState> producers = new HashMap<>();
  private final List<Message> own = new ArrayList<>();
  private long ownFirst; // offset of own.get(0)
  private long first;
  private long positionBeforeFirst;
  private long tail;
  private long tailPosition;
  private long lastTimestamp;
  private long usedAt;
  private boolean closed;
  private @Nullable ProducerStamp closedBy;
  private @Nullable String writerSeq;
  private boolean deleted;

  /** A stream with a past of its own. */
  MemoryStream(StreamPath path, long id, StreamSpec spec, String contentType, long now) {
    this(path, id, id, contentType, spec.ttlSeconds(), spec.expiresAt(), null, null, 0, now);
  }

  private MemoryStream(
      StreamPath path,
      long id,
      long epoch,
      String contentType,
      long ttlSeconds,
      long expiresAt,
      StreamSpec.@Nullable Fork fork,
      @Nullable MemoryStream source,
      long base,
      long now) {
    this.path = path;
    this.id = id;
    this.epoch = epoch;
    this.contentType = contentType;
    this.createdAt = now;
    this.ttlSeconds = ttlSeconds;
    this.expiresAt = expiresAt;
    this.fork = fork;
    this.source = source;
    this.base = base;
    this.ownFirst = base + 1;
    this.first = 1;
    this.tail = base;
    this.lastTimestamp = now;
    this.usedAt = now;
  }

  /** Why {@code fork} does not name a point of this stream, or {@code null} when it does. */
  @Nullable String forkRefusal(StreamSpec.Fork fork) {
    long anchor = anchor(fork);
    if (anchor > tail) {
      return "fork offset: " + anchor + " (expected: <= " + tail + ")";
    }
    if (anchor < first - 1) {
      return "fork offset: " + anchor + " (expected: >= " + (first - 1) + ")";
    }
    long room = fork.subOffset() == 0 ? 0 : roomAfter(anchor, fork.unit());
    return fork.subOffset() <= room
        ? null
        : "fork sub-offset: " + fork.subOffset() + " (expected: <= " + room + ")";
  }

  /** How far the append after {@code anchor} reaches. */
  private long roomAfter(long anchor, StreamSpec.Fork.Unit unit) {
    if (anchor == tail) {
      return 0;
    }
    return switch (unit) {
      case BYTES -> message(anchor + 1).bytes().length;
      case MESSAGES -> {
        long last = anchor + 1;
        while (last < tail && !message(last + 1).startsAppend()) {
          last++;
        }
        yield last - anchor;
      }
    };
  }

  private long anchor(StreamSpec.Fork fork) {
    return fork.offset() < 0 ? tail : fork.offset();
  }

  /** The part of a message that {@code fork} begins with, when it cuts one in two. */
  @Nullable Payload forkPart(StreamSpec.Fork fork) {
    if (fork.subOffset() == 0 || fork.unit() == StreamSpec.Fork.Unit.MESSAGES) {
      return null;
    }
    Payload whole = message(anchor(fork) + 1).payload();
    return fork.subOffset() == whole.bytes().length
        ? null
        : new Payload(
            Arrays.copyOf(whole.bytes(), (int) fork.subOffset()),
            whole.headers(),
            whole.sealedUnder());
  }

  private long lastInherited(StreamSpec.Fork fork) {
    return anchor(fork)
        + switch (fork.unit()) {
          case MESSAGES -> fork.subOffset();
          case BYTES -> fork.subOffset() > 0 && forkPart(fork) == null ? 1 : 0;
        };
  }

  /** A stream that shares this one's past up to a point {@link #forkRefusal} found good. */
  MemoryStream fork(StreamPath path, long id, StreamSpec spec, StreamSpec.Fork fork, long now) {
    long at = lastInherited(fork);
    boolean inheritsExpiry = spec.ttlSeconds() < 0 && spec.expiresAt() < 0;
    MemoryStream branch =
        new MemoryStream(
            path,
            id,
            epoch,
            contentType,
            inheritsExpiry ? ttlSeconds : spec.ttlSeconds(),
            inheritsExpiry ? expiresAt : spec.expiresAt(),
            new StreamSpec.Fork(fork.source(), anchor(fork), fork.subOffset(), fork.unit()),
            this,
            at,
            now);
    branch.first = first;
    branch.positionBeforeFirst = positionBeforeFirst;
    branch.tailPosition = positionAt(at);
    if (at >= first) {
      branch.lastTimestamp = message(at).timestamp();
    }
    forks.add(branch);
    return branch;
  }

  /** Adds messages that nobody has refused; their timestamps never go back. */
  List<Message> add(List<Payload> payloads, @Nullable ProducerStamp producer, long now) {
    List<Message> added = new ArrayList<>(payloads.size());
    boolean startsAppend = true;
    for (Payload payload : payloads) {
      tail++;
      tailPosition += payload.bytes().length;
      lastTimestamp = Math.max(lastTimestamp, now);
      added.add(new Message(tail, lastTimestamp, startsAppend, tailPosition, producer, payload));
      startsAppend = false;
    }
    own.addAll(added);
    return List.copyOf(added);
  }

  /** Why {@code append} cannot be taken, or {@code null} when it can. Changes nothing. */
  @Nullable AppendResult refusal(Append append) {
    ProducerStamp stamp = append.producer();
    if (closed) {
      boolean repeats = stamp == null ? append.messages().isEmpty() : stamp.equals(closedBy);
      return repeats
          ? new AppendResult.Duplicate(info(), stamp == null ? -1 : stamp.seq())
          : new AppendResult.Closed(info());
    }
    if (append.contentType() != null && !ContentTypes.same(append.contentType(), contentType)) {
      return new AppendResult.WrongContentType(contentType);
    }
    AppendResult refused = stamp == null ? null : producerRefusal(stamp);
    if (refused != null) {
      return refused;
    }
    if (append.writerSeq() != null
        && writerSeq != null
        && !follows(append.writerSeq(), writerSeq)) {
      return new AppendResult.WriterSeqRegression(writerSeq);
    }
    if (append.expectedTail() >= 0 && append.expectedTail() != tail) {
      return new AppendResult.TailMoved(tail);
    }
    return null;
  }

  /** Durable Streams §5.2.1, validation logic. */
  private @Nullable AppendResult producerRefusal(ProducerStamp stamp) {
    ProducerState state = producers.get(stamp.id());
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
      return new AppendResult.Duplicate(info(), state.lastSeq());
    }
    return stamp.seq() == state.lastSeq() + 1
        ? null
        : new AppendResult.SequenceGap(state.lastSeq() + 1, stamp.seq());
  }

  private static boolean follows(String next, String last) {
    return Arrays.compareUnsigned(
            next.getBytes(StandardCharsets.UTF_8), last.getBytes(StandardCharsets.UTF_8))
        > 0;
  }

  /** Takes an append that {@link #refusal} let pass. */
  List<Message> accept(Append append, long now) {
    ProducerStamp stamp = append.producer();
    if (stamp != null) {
      producers.put(stamp.id(), new ProducerState(stamp.epoch(), stamp.seq()));
    }
    if (append.writerSeq() != null) {
      writerSeq = append.writerSeq();
    }
    if (append.close()) {
      close(stamp);
    }
    return add(append.messages(), stamp, now);
  }

  void close(@Nullable ProducerStamp by) {
    closed = true;
    closedBy = by;
  }

  StreamInfo info() {
    return new StreamInfo(
        path,
        id,
        epoch,
        contentType,
        tail,
        first,
        tailPosition - positionBeforeFirst,
        createdAt,
        lastTimestamp,
        ttlSeconds,
        expiresAt,
        closed,
        deleted,
        fork);
  }

  Slice read(long after, int maxMessages, int maxBytes) {
    List<Message> messages = new ArrayList<>();
    long bytes = 0;
    for (long offset = Math.max(after + 1, first);
        offset <= tail && messages.size() < maxMessages;
        offset++) {
      Message message = message(offset);
      bytes += message.bytes().length;
      if (bytes > maxBytes && !messages.isEmpty()) {
        break;
      }
      messages.add(message);
    }
    return new Slice(info(), after, List.copyOf(messages));
  }

  long offsetAt(Instant time) {
    long low = first;
    long high = tail + 1;
    while (low < high) { // low: the first message younger than time
      long middle = (low + high) >>> 1;
      if (Instant.ofEpochMilli(message(middle).timestamp()).isAfter(time)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low == first ? 0 : low - 1;
  }

  /** The retained message at {@code offset}, from the stream that wrote it. */
  Message message(long offset) {
    MemoryStream writer = this;
    while (offset <= writer.base && writer.source != null) {
      writer = writer.source;
    }
    return writer.own.get((int) (offset - writer.ownFirst));
  }

  private long positionAt(long offset) {
    if (offset == tail) {
      return tailPosition;
    }
    Message next = message(offset + 1);
    return next.position() - next.bytes().length;
  }

  /** Drops what is before {@code offset}; false when that is nothing. */
  boolean trim(long offset) {
    long from = Math.min(offset, tail + 1);
    if (from <= first) {
      return false;
    }
    positionBeforeFirst = positionAt(from - 1);
    first = from;
    release();
    return true;
  }

  void retain(Retention retention, long now) {
    if (deleted || retention.keepsEverything()) {
      return;
    }
    long from = first;
    if (tail - from + 1 > retention.maxCount()) {
      from = tail - retention.maxCount() + 1;
    }
    while (from < tail && tailPosition - positionAt(from - 1) > retention.maxBytes()) {
      from++;
    }
    if (retention.maxAge() != null) {
      Instant oldest = Instant.ofEpochMilli(now).minus(retention.maxAge());
      while (from <= tail && Instant.ofEpochMilli(message(from).timestamp()).isBefore(oldest)) {
        from++;
      }
    }
    trim(from);
  }

  /** Restarts a sliding time to live; a clock that jumped back does not shorten it. */
  void touch(long now) {
    usedAt = Math.max(usedAt, now);
  }

  boolean mayExpire() {
    return ttlSeconds >= 0 || expiresAt >= 0;
  }

  /** When it expires, in milliseconds since the Unix epoch. */
  long deadline() {
    if (ttlSeconds < 0) {
      return expiresAt < 0 ? Long.MAX_VALUE : expiresAt;
    }
    return ttlSeconds > (Long.MAX_VALUE - usedAt) / 1000
        ? Long.MAX_VALUE
        : usedAt + ttlSeconds * 1000;
  }

  boolean hasForks() {
    return !forks.isEmpty();
  }

  boolean deleted() {
    return deleted;
  }

  long first() {
    return first;
  }

  long tail() {
    return tail;
  }

  /** Marks it gone, to everyone but its forks. */
  void markDeleted() {
    deleted = true;
    producers.clear();
    release();
  }

  /** Lets go of the source. */
  void detach() {
    if (source != null) {
      source.forks.remove(this);
      source.release();
    }
  }

  /** Frees the messages that neither this stream nor a fork of it can still reach. */
  private void release() {
    for (MemoryStream stream = this; stream != null; stream = stream.source) {
      long needed = stream.neededFrom();
      int unreachable = (int) Math.min(needed - stream.ownFirst, stream.own.size());
      // Half the list at a time, so that trimming one by one stays cheap.
      if (unreachable > 0 && unreachable * 2 >= stream.own.size()) {
        stream.own.subList(0, unreachable).clear();
        stream.ownFirst += unreachable;
      }
    }
  }

  private long neededFrom() {
    long needed = deleted ? tail + 1 : first;
    for (MemoryStream branch : forks) {
      long inherited = branch.neededFrom();
      if (inherited <= branch.base) {
        needed = Math.min(needed, inherited);
      }
    }
    return needed;
  }
}
