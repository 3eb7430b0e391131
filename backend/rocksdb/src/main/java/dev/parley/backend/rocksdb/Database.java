package dev.parley.backend.rocksdb;

import dev.parley.stream.Message;
import dev.parley.stream.RecordCodec;
import dev.parley.stream.StoreException;
import dev.parley.stream.StoreException.Code;
import dev.parley.stream.StreamPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The open RocksDB: typed gets, ranges and the one write. Any thread reads, the writer writes; the
 * lock keeps readers out only while the handle is opened again after the device failed.
 */
final class Database implements AutoCloseable {
  static {
    NativeLibrary.load();
  }

  /** The column families. */
  enum Family {
    META("default"),
    STREAMS("streams"),
    LOG("log"),
    PRODUCERS("producers"),
    FEED("feed"),
    DUE("due");

    private final String id;

    Family(String id) {
      this.id = id;
    }

    byte[] id() {
      return id.getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** Takes one entry of a range; false ends it. */
  interface Visitor {
    boolean visit(byte[] key, byte[] value);
  }

  static final byte[] LAST_ID = Keys.utf8("last-id");
  private static final byte[] FORMAT = Keys.utf8("format");
  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final Pattern FILE = Pattern.compile("[0-9]{6}\\.|MANIFEST|CURRENT");
  private static final int ROOM_TO_OPEN = 1 << 20;

  private final Path path;
  private final RocksOptions options;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final WriteOptions synced = writes().setSync(true);
  private final WriteOptions unsynced = writes();
  private RocksDB db; // guarded by lock
  private Map<Family, ColumnFamilyHandle> handles = Map.of(); // guarded by lock
  private boolean closed; // guarded by lock

  Database(Path path, RocksConfig config, boolean fresh) {
    this.path = path;
    this.options = new RocksOptions(config);
    try {
      this.db = open(fresh);
    } catch (RocksDBException e) {
      release();
      throw unopened(e);
    }
    try {
      checkFormat(fresh);
    } catch (StoreException e) {
      close();
      throw e;
    }
  }

  /** A group's keys follow each other in most families: the hint spares searching for each. */
  private static WriteOptions writes() {
    return new WriteOptions().setNoSlowdown(true).setMemtableInsertHintPerBatch(true);
  }

  private RocksDB open(boolean fresh) throws RocksDBException {
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    RocksDB database =
        RocksDB.open(options.database(fresh), path.toString(), options.families(), opened);
    Map<Family, ColumnFamilyHandle> named = new EnumMap<>(Family.class);
    for (Family family : Family.values()) {
      named.put(family, opened.get(named.size())); // in the order of options.families()
    }
    handles = named;
    return database;
  }

  /** Names the write-ahead logs when RocksDB, which tells no damaged one, names no file. */
  private StoreException unopened(RocksDBException e) {
    StoreException failure = failure(e);
    if (failure.code() != Code.CORRUPT || FILE.matcher(String.valueOf(e.getMessage())).find()) {
      return failure;
    }
    try (Stream<Path> files = Files.list(path)) {
      List<Path> logs =
          files
              .filter(f -> f.toString().endsWith(".log") && f.toFile().length() > 0)
              .sorted()
              .toList();
      return logs.isEmpty()
          ? failure
          : new StoreException(
              Code.CORRUPT,
              failure.getMessage()
                  + " in the write-ahead log "
                  + logs
                  + " (expected: as it was written)",
              e);
    } catch (IOException unlisted) {
      return failure;
    }
  }

  private void checkFormat(boolean fresh) {
    byte[] expected = Keys.of(Folder.FORMAT);
    byte[] format = get(Family.META, FORMAT);
    if (format == null && fresh) {
      try (WriteBatch batch = new WriteBatch()) {
        put(batch, Family.META, FORMAT, expected);
        write(batch, true);
      } catch (RocksDBException e) {
        throw failure(e);
      }
    } else if (format == null || !Arrays.equals(format, expected)) {
      throw new StoreException(
          Code.CORRUPT, "data folder: " + path + ": no format (expected: " + Folder.FORMAT + ")");
    }
  }

  /**
   * Lets go of the handle and opens another, which finds what reached the disk. Readers keep the
   * old one as long as the device has no room for the files that an opening writes.
   */
  void reopen() throws RocksDBException {
    findRoom();
    lock.writeLock().lock();
    try {
      options.failure().clear();
      handles.values().forEach(ColumnFamilyHandle::close);
      db.close();
      closed = true; // until the next line has succeeded
      db = open(false);
      closed = false;
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void findRoom() throws RocksDBException {
    Path probe = path.resolveSibling("room");
    try {
      try {
        Files.write(probe, new byte[ROOM_TO_OPEN]);
      } finally {
        Files.deleteIfExists(probe);
      }
    } catch (IOException e) {
      throw new RocksDBException(String.valueOf(e.getMessage()));
    }
  }

  byte @Nullable [] get(Family family, byte[] key) {
    lock.readLock().lock();
    try {
      refuseClosed();
      return db.get(handle(family), key);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  @Nullable StreamState state(StreamPath path) {
    byte[] stored = get(Family.STREAMS, Keys.path(path));
    return stored == null ? null : StateCodec.decode(path, stored);
  }

  @Nullable Message message(long streamId, long offset) {
    byte[] stored = get(Family.LOG, Keys.of(streamId, offset));
    return stored == null ? null : RecordCodec.decode(offset, stored);
  }

  /** Visits the messages of one log, inside which a hash memtable is ordered. */
  void log(long streamId, long from, long last, Visitor visitor) {
    byte[] end = Keys.of(streamId, last == Long.MAX_VALUE ? last : last + 1);
    try (Slice bound = new Slice(end);
        ReadOptions range =
            new ReadOptions().setPrefixSameAsStart(true).setIterateUpperBound(bound)) {
      visit(Family.LOG, range, Keys.of(streamId, from), visitor);
    }
  }

  /** Visits a family from {@code from}, in key order. */
  void range(Family family, byte[] from, Visitor visitor) {
    try (ReadOptions range = new ReadOptions().setTotalOrderSeek(true)) {
      visit(family, range, from, visitor);
    }
  }

  private void visit(Family family, ReadOptions range, byte[] from, Visitor visitor) {
    lock.readLock().lock();
    try {
      refuseClosed();
      try (RocksIterator entries = db.newIterator(handle(family), range)) {
        for (entries.seek(from); entries.isValid(); entries.next()) {
          if (!visitor.visit(entries.key(), entries.value())) {
            return;
          }
        }
        entries.status();
      }
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** The greatest key of a family, or {@code null}. */
  byte @Nullable [] lastKey(Family family) {
    lock.readLock().lock();
    try (ReadOptions total = new ReadOptions().setTotalOrderSeek(true);
        RocksIterator entries = db.newIterator(handle(family), total)) {
      entries.seekToLast();
      entries.status();
      return entries.isValid() ? entries.key() : null;
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      lock.readLock().unlock();
    }
  }

  // The batch is filled by the writer, which is also the only one to open the handle again: it
  // needs no lock to look at the handles.

  void put(WriteBatch batch, Family family, byte[] key, byte[] value) throws RocksDBException {
    batch.put(handle(family), key, value);
  }

  void delete(WriteBatch batch, Family family, byte[] key) throws RocksDBException {
    batch.delete(handle(family), key);
  }

  void deleteRange(WriteBatch batch, Family family, byte[] from, byte[] end)
      throws RocksDBException {
    batch.deleteRange(handle(family), from, end);
  }

  /**
   * Writes a group. RocksDB syncs its log before it shows the group to readers, so nobody reads a
   * synced message that a power cut could take back. While flushes lag behind, it waits; when they
   * fail, so does the write.
   */
  void write(WriteBatch batch, boolean sync) throws RocksDBException {
    if (closed) {
      throw new RocksDBException("not open");
    }
    while (!written(batch, sync ? synced : unsynced)) {
      if (options.failure().present()) {
        throw options.failure().exception();
      }
      LockSupport.parkNanos(STALL_NANOS);
    }
  }

  private boolean written(WriteBatch batch, WriteOptions how) throws RocksDBException {
    try {
      db.write(how, batch);
      return true;
    } catch (RocksDBException e) {
      if (e.getStatus() != null && e.getStatus().getCode() == Status.Code.Incomplete) {
        return false; // what setNoSlowdown makes of a stall; nothing of the batch was written
      }
      throw e;
    }
  }

  void sync() throws RocksDBException {
    if (closed) {
      throw new RocksDBException("not open");
    }
    db.syncWal();
  }

  private ColumnFamilyHandle handle(Family family) {
    return Objects.requireNonNull(handles.get(family));
  }

  private void refuseClosed() {
    if (closed) {
      throw new StoreException(Code.IO, "data folder: " + path + " could not be opened again");
    }
  }

  /** What a failure means to the caller. */
  StoreException failure(RocksDBException e) {
    Status status = e.getStatus();
    String message = "data folder: " + path + ": " + e.getMessage();
    if (noSpace(e)) {
      return new StoreException(Code.FULL, message, e);
    }
    boolean corrupt = status != null && status.getCode() == Status.Code.Corruption;
    return new StoreException(corrupt ? Code.CORRUPT : Code.IO, message, e);
  }

  static boolean noSpace(RocksDBException e) {
    Status status = e.getStatus();
    String message = String.valueOf(e.getMessage());
    return (status != null && status.getSubCode() == Status.SubCode.NoSpace)
        || message.contains("No space left");
  }

  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        flush();
        handles.values().forEach(ColumnFamilyHandle::close);
        db.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
    release();
  }

  /** So that the next start replays nothing. After a failed flush another could wait for ever. */
  private void flush() {
    if (options.failure().present()) {
      return;
    }
    try (FlushOptions flush = new FlushOptions()) {
      db.flush(flush, List.copyOf(handles.values()));
    } catch (RocksDBException e) {
      // The log has it all.
    }
  }

  private void release() {
    synced.close();
    unsynced.close();
    options.close();
  }
}
