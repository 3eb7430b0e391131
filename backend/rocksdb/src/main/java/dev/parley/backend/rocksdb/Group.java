package dev.parley.backend.rocksdb;

import dev.parley.backend.rocksdb.Database.Family;
import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.Durability;
import dev.parley.stream.Message;
import dev.parley.stream.RecordCodec;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * One commit group: what its commands have changed so far, laid over what is committed. It is
 * written as a whole or thrown away. Confined to the writer.
 */
final class Group implements AutoCloseable {
  // Beyond this many messages one range tombstone is cheaper than a tombstone each; below it is
  // not, because every later read has to look at all range tombstones.
  private static final long SINGLE_DELETES = 64;

  private final Database db;
  private final Ledger ledger;
  private final long now;
  private final WriteBatch batch = new WriteBatch();
  private final Map<StreamPath, Optional<StreamState>> changed = new LinkedHashMap<>();
  private final Map<Ledger.ProducerKey, Ledger.ProducerState> stamped = new HashMap<>();
  private final Map<Long, List<Message>> added = new HashMap<>(); // by the stream whose log it is
  private final List<Commit> commits = new ArrayList<>();
  private long lastId;
  private long lastChange;
  private int staged;
  private boolean sync;
  private boolean async;

  Group(Database db, Ledger ledger, long now) {
    this.db = db;
    this.ledger = ledger;
    this.now = now;
    this.lastId = ledger.lastId();
    this.lastChange = ledger.lastChange();
  }

  /** The time of everything in this group, milliseconds since the Unix epoch. */
  long now() {
    return now;
  }

  /** How much has been staged: a command that failed without moving it left no trace. */
  int staged() {
    return staged;
  }

  /** The stream at {@code path}; not to be changed, see {@link StreamState#copy}. */
  @Nullable StreamState stream(StreamPath path) {
    Optional<StreamState> mine = changed.get(path);
    return mine == null ? ledger.stream(path) : mine.orElse(null);
  }

  Ledger.@Nullable ProducerState producer(Ledger.ProducerKey key) {
    Ledger.ProducerState mine = stamped.get(key);
    return mine == null ? ledger.producer(key) : mine;
  }

  /** The retained message at {@code offset}; {@code fresh} ones are not staged yet. */
  Message message(StreamState stream, long offset, List<Message> fresh) {
    if (!fresh.isEmpty() && offset >= fresh.getFirst().offset()) {
      return fresh.get((int) (offset - fresh.getFirst().offset()));
    }
    long log = stream.logOf(offset);
    List<Message> mine = added.get(log);
    if (mine != null && offset >= mine.getFirst().offset()) {
      return mine.get((int) (offset - mine.getFirst().offset()));
    }
    Message stored = db.message(log, offset);
    if (stored == null) {
      throw new StoreException(
          StoreException.Code.CORRUPT, "stream " + log + ": no message at offset " + offset);
    }
    return stored;
  }

  /** Bytes of payload up to and including {@code offset}, from just before the first on. */
  long positionAt(StreamState stream, long offset, List<Message> fresh) {
    if (offset == stream.tail) {
      return stream.tailPosition;
    }
    if (offset < stream.first) {
      return stream.positionBeforeFirst;
    }
    return message(stream, offset, fresh).position();
  }

  long nextId() {
    return ++lastId;
  }

  /** Stages messages of the log of {@code stream}. */
  void append(StreamState stream, List<Message> messages) throws RocksDBException {
    if (messages.isEmpty()) {
      return;
    }
    List<byte[]> records = messages.stream().map(RecordCodec::encode).toList();
    staged++;
    for (int i = 0; i < records.size(); i++) {
      byte[] key = Keys.of(stream.id(), messages.get(i).offset());
      db.put(batch, Family.LOG, key, records.get(i));
    }
    added.computeIfAbsent(stream.id(), id -> new ArrayList<>()).addAll(messages);
  }

  void stamp(Ledger.ProducerKey key, Ledger.ProducerState state) {
    staged++;
    stamped.put(key, state);
  }

  void stage(StreamPath path, StreamState state) {
    staged++;
    changed.put(path, Optional.of(state));
  }

  /** Removes a stream and all that is its own. */
  void drop(StreamPath path, StreamState state) throws RocksDBException {
    staged++;
    deleteMessages(state.id(), state.kept, state.tail + 1);
    dropProducers(state);
    due(path, state, -1);
    changed.put(path, Optional.empty());
  }

  void dropProducers(StreamState state) throws RocksDBException {
    staged++;
    if (state.hasProducers) {
      db.deleteRange(batch, Family.PRODUCERS, Keys.of(state.id()), Keys.of(state.id() + 1));
      stamped.keySet().removeIf(key -> key.streamId() == state.id());
      state.hasProducers = false;
    }
  }

  void deleteMessages(long log, long from, long end) throws RocksDBException {
    staged++;
    if (end - from > SINGLE_DELETES) {
      db.deleteRange(batch, Family.LOG, Keys.of(log, from), Keys.of(log, end));
      return;
    }
    for (long offset = from; offset < end; offset++) {
      db.delete(batch, Family.LOG, Keys.of(log, offset));
    }
  }

  /** Moves the stream in the due index; -1 takes it out. */
  void due(StreamPath path, StreamState state, long at) throws RocksDBException {
    if (state.dueAt == at) {
      return;
    }
    staged++;
    if (state.dueAt >= 0) {
      db.delete(batch, Family.DUE, Keys.of(state.dueAt, state.id()));
    }
    if (at >= 0) {
      db.put(batch, Family.DUE, Keys.of(at, state.id()), Keys.path(path));
    }
    state.dueAt = at;
  }

  /** Removes an entry of the due index that no stream knows of. */
  void dropDue(long at, long streamId) throws RocksDBException {
    staged++;
    db.delete(batch, Family.DUE, Keys.of(at, streamId));
  }

  /** Enters a change into the feed. */
  void record(
      Change.Kind kind,
      StreamPath path,
      StreamState state,
      long first,
      List<Message> messages,
      Durability durability)
      throws RocksDBException {
    staged++;
    long last = kind == Change.Kind.TRIMMED ? first - 1 : state.tail;
    Change change = new Change(++lastChange, kind, path, state.id(), now, first, last);
    db.put(batch, Family.FEED, Keys.of(change.sequence()), FeedCodec.encode(change));
    commits.add(new Commit(change, state.info(path), List.copyOf(messages)));
    switch (durability) {
      case MEMORY -> {}
      case ASYNC -> async = true;
      case SYNC -> sync = true;
    }
  }

  /** Completes the batch with the state of every changed stream, and writes it. */
  void write() throws RocksDBException {
    for (Map.Entry<StreamPath, Optional<StreamState>> entry : changed.entrySet()) {
      byte[] key = Keys.path(entry.getKey());
      if (entry.getValue().isPresent()) {
        db.put(batch, Family.STREAMS, key, StateCodec.encode(entry.getValue().get()));
      } else {
        db.delete(batch, Family.STREAMS, key);
      }
    }
    for (Map.Entry<Ledger.ProducerKey, Ledger.ProducerState> entry : stamped.entrySet()) {
      Ledger.ProducerKey key = entry.getKey();
      byte[] stored = Keys.producer(key.streamId(), key.producer());
      db.put(batch, Family.PRODUCERS, stored, entry.getValue().encode());
    }
    if (lastId > ledger.lastId()) {
      db.put(batch, Family.META, Database.LAST_ID, Keys.of(lastId));
    }
    db.write(batch, sync);
    ledger.adopt(changed, stamped, lastId, lastChange);
  }

  List<Commit> commits() {
    return commits;
  }

  /** Whether somebody waits for the sync. */
  boolean synced() {
    return sync;
  }

  /** Whether it has to be synced within the bound. */
  boolean owesSync() {
    return async && !sync;
  }

  @Override
  public void close() {
    batch.close();
  }
}
