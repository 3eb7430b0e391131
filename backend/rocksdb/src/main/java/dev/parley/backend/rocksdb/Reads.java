package dev.parley.backend.rocksdb;

import dev.parley.backend.rocksdb.Database.Family;
import dev.parley.stream.Change;
import dev.parley.stream.Message;
import dev.parley.stream.RecordCodec;
import dev.parley.stream.Slice;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Answers what can be asked without changing anything. Runs on the reader threads; has no state of
 * its own.
 */
final class Reads {
  private static final int ATTEMPTS = 8;

  private final Database db;
  private final Touches touches;
  private final InstantSource clock;

  Reads(Database db, Touches touches, InstantSource clock) {
    this.db = db;
    this.touches = touches;
    this.clock = clock;
  }

  Optional<StreamInfo> head(StreamPath path) {
    StreamState stream = db.state(path);
    if (stream == null) {
      return Optional.empty();
    }
    boolean expired = !stream.deleted && expired(path, stream);
    return expired && stream.forks == 0
        ? Optional.empty()
        : Optional.of(stream.info(path, stream.deleted || expired));
  }

  private boolean expired(StreamPath path, StreamState stream) {
    return stream.deadline(touches.of(path)) <= clock.millis();
  }

  private @Nullable StreamState live(StreamPath path) {
    StreamState stream = db.state(path);
    return stream == null || stream.deleted || expired(path, stream) ? null : stream;
  }

  /** Remembers the use of a stream that lives by it, and lived at {@code now}. */
  void touch(StreamPath path, long now) {
    StreamState stream = db.state(path);
    if (stream != null
        && stream.origin.ttlSeconds() >= 0
        && !stream.deleted
        && stream.deadline(touches.of(path)) > now) {
      touches.touch(path, now);
    }
  }

  Optional<Slice> read(StreamPath path, long after, int maxMessages, int maxBytes) {
    // State and messages are two looks at the disk, and a trim or a deletion may come between:
    // then a message is missing, and the state is read again.
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StreamState stream = live(path);
      if (stream == null) {
        return Optional.empty();
      }
      List<Message> messages = collect(stream, after, maxMessages, maxBytes);
      if (messages != null) {
        return Optional.of(new Slice(stream.info(path), after, messages));
      }
    }
    throw new StoreException(
        StoreException.Code.CORRUPT, "stream " + path + ": messages after " + after + " missing");
  }

  /** The messages asked for, or {@code null} when one is missing. */
  private @Nullable List<Message> collect(
      StreamState stream, long after, int maxMessages, int maxBytes) {
    List<Message> messages = new ArrayList<>();
    if (after >= stream.tail) {
      return messages;
    }
    long next = Math.max(after + 1, stream.first);
    Run run = new Run(messages, maxMessages, maxBytes);
    while (next <= stream.tail && !run.full) {
      long end = stream.endOfLog(next);
      run.expected = next;
      db.log(stream.logOf(next), next, end, run);
      if (!run.full && run.expected != end + 1) {
        return null;
      }
      next = end + 1;
    }
    return run.broken ? null : List.copyOf(messages);
  }

  /** Collects consecutive messages until there are enough. */
  private static final class Run implements Database.Visitor {
    private final List<Message> messages;
    private final int maxMessages;
    private final long maxBytes;
    private long bytes;
    private long expected;
    private boolean full;
    private boolean broken;

    Run(List<Message> messages, int maxMessages, long maxBytes) {
      this.messages = messages;
      this.maxMessages = maxMessages;
      this.maxBytes = maxBytes;
    }

    @Override
    public boolean visit(byte[] key, byte[] record) {
      if (Keys.last(key) != expected) {
        broken = true;
        full = true;
        return false;
      }
      Message message = RecordCodec.decode(expected, record);
      bytes += message.bytes().length;
      if (bytes > maxBytes && !messages.isEmpty()) {
        full = true;
        return false;
      }
      messages.add(message);
      expected++;
      full = messages.size() >= maxMessages;
      return !full;
    }
  }

  Optional<Long> offsetAt(StreamPath path, Instant time) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      StreamState stream = live(path);
      if (stream == null) {
        return Optional.empty();
      }
      long offset = search(stream, time);
      if (offset >= 0) {
        return Optional.of(offset);
      }
    }
    throw new StoreException(
        StoreException.Code.CORRUPT, "stream " + path + ": messages missing at " + time);
  }

  /**
   * Halves its way to the offset, because timestamps never decrease; -1 if a message is missing.
   */
  private long search(StreamState stream, Instant time) {
    long low = stream.first;
    long high = stream.tail + 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      Message message = db.message(stream.logOf(middle), middle);
      if (message == null) {
        return -1;
      }
      if (Instant.ofEpochMilli(message.timestamp()).isAfter(time)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low == stream.first ? 0 : low - 1;
  }

  List<StreamInfo> list(String prefix, String after, int limit) {
    boolean skips = StreamPath.compare(after, prefix) >= 0;
    List<StreamInfo> found = new ArrayList<>();
    db.range(
        Family.STREAMS,
        Keys.utf8(skips ? after : prefix),
        (key, stored) -> {
          String value = Keys.text(key);
          if (!value.startsWith(prefix)) {
            return false;
          }
          if (skips && value.equals(after)) {
            return true;
          }
          StreamPath path = StreamPath.of(value);
          StreamState stream = StateCodec.decode(path, stored);
          if (!stream.deleted && !expired(path, stream)) {
            found.add(stream.info(path));
          }
          return found.size() < limit;
        });
    return found;
  }

  List<Change> changes(long sequence, int limit) {
    List<Change> changes = new ArrayList<>();
    if (sequence == Long.MAX_VALUE) {
      return changes;
    }
    db.range(
        Family.FEED,
        Keys.of(sequence + 1),
        (key, stored) -> {
          changes.add(FeedCodec.decode(Keys.last(key), stored));
          return changes.size() < limit;
        });
    return changes;
  }
}
