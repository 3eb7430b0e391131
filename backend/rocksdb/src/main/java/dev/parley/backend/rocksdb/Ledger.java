package dev.parley.backend.rocksdb;

import dev.parley.stream.StreamPath;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is committed, as the writer knows it: the counters, and a bounded memory of hot streams and
 * producers in front of the disk. Confined to the writer. A million idle streams take no heap.
 */
final class Ledger {
  /** The newest append accepted from a producer. */
  record ProducerState(long epoch, long lastSeq) {
    byte[] encode() {
      return new Packer().put(1).number(epoch).number(lastSeq).toBytes();
    }

    static ProducerState decode(ProducerKey key, byte[] stored) {
      Unpacker fields = new Unpacker("producer " + key.producer, stored);
      fields.version(1);
      return new ProducerState(fields.number(), fields.number());
    }
  }

  record ProducerKey(long streamId, String producer) {}

  private static final int HOT_STREAMS = 8192;
  private static final int HOT_PRODUCERS = 8192;

  private final Database db;
  private final Map<StreamPath, StreamState> streams = recent(HOT_STREAMS);
  private final Map<ProducerKey, ProducerState> producers = recent(HOT_PRODUCERS);
  private long lastId;
  private long lastChange;

  Ledger(Database db) {
    this.db = db;
    reload();
  }

  /** Forgets what it knew, and learns from disk what was committed. */
  void reload() {
    streams.clear();
    producers.clear();
    byte[] id = db.get(Database.Family.META, Database.LAST_ID);
    byte[] change = db.lastKey(Database.Family.FEED);
    lastId = id == null ? 0 : Keys.last(id);
    lastChange = change == null ? 0 : Keys.last(change);
  }

  @Nullable StreamState stream(StreamPath path) {
    StreamState known = streams.get(path);
    if (known != null) {
      return known;
    }
    StreamState stored = db.state(path);
    if (stored != null) {
      streams.put(path, stored);
    }
    return stored;
  }

  @Nullable ProducerState producer(ProducerKey key) {
    ProducerState known = producers.get(key);
    if (known != null) {
      return known;
    }
    byte[] stored = db.get(Database.Family.PRODUCERS, Keys.producer(key.streamId, key.producer));
    return stored == null ? null : ProducerState.decode(key, stored);
  }

  long lastId() {
    return lastId;
  }

  long lastChange() {
    return lastChange;
  }

  /** Takes over what a group has written. */
  void adopt(
      Map<StreamPath, java.util.Optional<StreamState>> changed,
      Map<ProducerKey, ProducerState> stamped,
      long newLastId,
      long newLastChange) {
    changed.forEach((path, state) ->
        state.ifPresentOrElse(s -> streams.put(path, s), () -> streams.remove(path)));
    producers.putAll(stamped);
    lastId = newLastId;
    lastChange = newLastChange;
  }

  private static <K, V> Map<K, V> recent(int bound) {
    return new LinkedHashMap<>(256, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > bound;
      }
    };
  }
}
