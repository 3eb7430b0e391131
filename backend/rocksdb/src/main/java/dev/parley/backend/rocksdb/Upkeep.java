package dev.parley.backend.rocksdb;

import dev.parley.backend.rocksdb.Database.Family;
import dev.parley.stream.Change;
import dev.parley.stream.Message;
import dev.parley.stream.Retention;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Ends what has had its time: expiry, retention, deletion and what hangs on it. Confined to the
 * writer.
 *
 * <p>Nothing is scanned for it. A stream that may expire, or keeps messages for a time, stands in
 * the due index under the time to look at it again; when that has come, the true deadline decides
 * whether it goes or is entered anew. So an append or a touch that prolongs a life writes no index.
 */
final class Upkeep {
  /** Streams looked at in one group, so that appends wait no longer. */
  static final int SWEEP = 256;

  private static final long LEAST_WAIT_MILLIS = 1000; // between two looks at one stream's age
  private static final long STEP = 64; // messages removed from disk at once, at least

  /** An entry of the due index. */
  private record Due(long at, long streamId, StreamPath path) {}

  private final Database db;
  private final StreamPolicies policies;
  private final Touches touches;
  private long sweptTo; // no entry of the due index is older

  Upkeep(Database db, StreamPolicies policies, Touches touches) {
    this.db = db;
    this.policies = policies;
    this.touches = touches;
  }

  /** The stream at {@code path}, soft-deleted or not; one that has expired is removed first. */
  @Nullable StreamState find(Group group, StreamPath path) throws RocksDBException {
    StreamState stream = group.stream(path);
    if (stream == null || stream.deleted || !expired(path, stream, group.now())) {
      return stream;
    }
    remove(group, path, stream);
    return group.stream(path);
  }

  private boolean expired(StreamPath path, StreamState stream, long now) {
    return stream.deadline(touches.of(path)) <= now;
  }

  void touch(StreamPath path, long now) {
    touches.touch(path, now);
  }

  /** Deletes, softly when forks remain; with the last fork goes a source kept only for it. */
  void remove(Group group, StreamPath path, StreamState stream) throws RocksDBException {
    StreamState gone = stream.copy();
    gone.deleted = true;
    group.record(
        Change.Kind.DELETED, path, gone, gone.tail + 1, List.of(), policies.of(path).durability());
    if (gone.forks > 0) {
      group.dropProducers(gone);
      group.due(path, gone, -1);
      group.stage(path, gone);
      return;
    }
    StreamPath at = path;
    while (gone.deleted && gone.forks == 0) {
      group.drop(at, gone);
      StreamSpec.Fork fork = gone.origin.fork();
      StreamState source = fork == null ? null : group.stream(fork.source());
      if (fork == null || source == null) {
        return;
      }
      at = fork.source();
      gone = source.copy();
      gone.forks--;
      group.stage(at, gone);
    }
    release(group, gone, true);
  }

  /** Moves the first offset to where count and bytes ask for it. */
  void retain(Group group, StreamPath path, StreamState stream, List<Message> fresh) {
    Retention retention = policies.of(path).retention();
    if (retention.keepsEverything()) {
      return;
    }
    long from = stream.first;
    if (stream.tail - from + 1 > retention.maxCount()) {
      from = stream.tail - retention.maxCount() + 1;
    }
    trim(group, stream, firstWithin(group, stream, from, retention.maxBytes(), fresh), fresh);
  }

  /** The least offset from {@code from} on whose messages to the tail fit; the tail at most. */
  private static long firstWithin(
      Group group, StreamState stream, long from, long bytes, List<Message> fresh) {
    long step = 1;
    long low = from; // galloping, because usually it moves by one
    long high = from;
    while (high < stream.tail && !fits(group, stream, high, bytes, fresh)) {
      low = high + 1;
      high = Math.min(stream.tail, high + step);
      step *= 2;
    }
    while (low < high) {
      long middle = (low + high) >>> 1;
      if (fits(group, stream, middle, bytes, fresh)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return high;
  }

  private static boolean fits(
      Group group, StreamState stream, long from, long bytes, List<Message> fresh) {
    return stream.tailPosition - group.positionAt(stream, from - 1, fresh) <= bytes;
  }

  /** Hides what is before {@code offset}; false when that is nothing. */
  boolean trim(Group group, StreamState stream, long offset, List<Message> fresh) {
    long from = Math.min(offset, stream.tail + 1);
    if (from <= stream.first) {
      return false;
    }
    stream.positionBeforeFirst = group.positionAt(stream, from - 1, fresh);
    stream.first = from;
    return true;
  }

  /**
   * Removes hidden messages from disk, some at a time unless {@code all}. A source waits for the
   * last of its forks: one of them may still read them.
   */
  void release(Group group, StreamState stream, boolean all) throws RocksDBException {
    long end = Math.min(stream.first, stream.tail + 1);
    long hidden = end - stream.kept;
    long enough = all ? 1 : Math.max(STEP, (stream.tail - stream.first) / 16);
    if (stream.forks == 0 && hidden >= enough) {
      group.deleteMessages(stream.id(), stream.kept, end);
      stream.kept = end;
    }
  }

  /** Enters the stream into the due index, unless it stands there early enough. */
  void arm(Group group, StreamPath path, StreamState stream) throws RocksDBException {
    long at = stream.deadline(0);
    Duration maxAge = policies.of(path).retention().maxAge();
    if (maxAge != null && stream.first <= stream.tail) {
      long oldest = stream.dueAt >= 0 ? stream.dueAt : after(group.now(), maxAge);
      at = Math.min(at, oldest);
    }
    if (at < Long.MAX_VALUE && (stream.dueAt < 0 || at < stream.dueAt)) {
      due(group, path, stream, at);
    }
  }

  private void due(Group group, StreamPath path, StreamState stream, long at)
      throws RocksDBException {
    long time = Math.max(at, 0);
    sweptTo = Math.min(sweptTo, time);
    group.due(path, stream, time);
  }

  private static long after(long time, Duration age) {
    long millis =
        age.compareTo(Duration.ofMillis(Long.MAX_VALUE)) >= 0 ? Long.MAX_VALUE : age.toMillis();
    return millis >= Long.MAX_VALUE - 1 - time ? Long.MAX_VALUE : time + millis + 1;
  }

  /** Looks at the streams that are due; true when there may be more. */
  boolean sweep(Group group) throws RocksDBException {
    List<Due> due = new ArrayList<>();
    db.range(
        Family.DUE,
        Keys.of(sweptTo, 0),
        (key, path) -> {
          if (Keys.first(key) > group.now() || due.size() == SWEEP) {
            return false;
          }
          due.add(new Due(Keys.first(key), Keys.last(key), StreamPath.of(Keys.text(path))));
          return true;
        });
    boolean more = due.size() == SWEEP;
    // Entries made from here on lower it again.
    sweptTo = more ? due.getLast().at : group.now();
    for (Due entry : due) {
      look(group, entry);
    }
    return more;
  }

  /** What was staged is lost: look at everything that is due again. */
  void forget() {
    sweptTo = 0;
  }

  private void look(Group group, Due entry) throws RocksDBException {
    StreamState found = find(group, entry.path);
    if (found == null || found.deleted || found.id() != entry.streamId || found.dueAt != entry.at) {
      group.dropDue(entry.at, entry.streamId);
      return;
    }
    StreamState stream = found.copy();
    long next = stream.deadline(touches.of(entry.path));
    Duration maxAge = policies.of(entry.path).retention().maxAge();
    if (maxAge != null) {
      trim(group, stream, firstYoungerThan(group, stream, maxAge), List.of());
      release(group, stream, false);
      if (stream.first <= stream.tail) {
        long oldest = group.message(stream, stream.first, List.of()).timestamp();
        next = Math.min(next, Math.max(after(oldest, maxAge), group.now() + LEAST_WAIT_MILLIS));
      }
    }
    if (next == Long.MAX_VALUE) {
      group.due(entry.path, stream, -1);
    } else {
      due(group, entry.path, stream, next);
    }
    group.stage(entry.path, stream);
  }

  private static long firstYoungerThan(Group group, StreamState stream, Duration maxAge) {
    long low = stream.first;
    long high = stream.tail + 1;
    while (low < high) {
      long middle = (low + high) >>> 1;
      long timestamp = group.message(stream, middle, List.of()).timestamp();
      if (after(timestamp, maxAge) <= group.now()) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Stores the touches that are a twentieth of their time to live old, or all. */
  void settleTouches(Group group, boolean all) {
    for (Map.Entry<StreamPath, Long> touch : touches.all()) {
      StreamPath path = touch.getKey();
      StreamState stream = group.stream(path);
      if (stream == null || stream.deleted || stream.origin.ttlSeconds() < 0) {
        touches.forget(path, touch.getValue());
      } else if (touch.getValue() <= stream.usedAt) {
        touches.forget(path, touch.getValue());
      } else if (all || (group.now() - stream.usedAt) / 50 >= stream.origin.ttlSeconds()) {
        StreamState used = stream.copy();
        used.usedAt = touch.getValue();
        group.stage(path, used);
        // Forgotten at the next round, when the disk knows it.
      }
    }
  }
}
