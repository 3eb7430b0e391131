package dev.parley.backend.rocksdb;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.CreateResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.Durability;
import dev.parley.stream.Payload;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StoreException.Code;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamSpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The store that keeps streams on a local disk, in an embedded RocksDB. Any thread may call it;
 * commands run on one writer thread, questions on a few reader threads, nothing on the caller's.
 *
 * <p><b>One write path.</b> Commands wait in a bounded mailbox; one too many is refused (BUSY). The
 * writer takes what waits as a group, decides each command against what is committed plus what the
 * group has changed so far, and writes everything (messages, stream states, producer states, feed,
 * indexes) in one RocksDB batch: a group is there as a whole or not at all, so a message is never
 * without its producer's sequence. The slower the device, the larger the groups; one that begins
 * with what needs no sync ends before what does. That is all the tuning there is. When a group
 * brought something to a {@code sync} stream the batch is written with a sync, which RocksDB does
 * before it shows the batch to readers. {@code async} streams are synced within {@link
 * RocksConfig#asyncBound}, {@code memory} ones when others are. Then the commit listener hears of
 * the group, then the callers.
 *
 * <p><b>What is where.</b> Numbers in keys are eight bytes, big-endian.
 *
 * <pre>
 * streams    path                    -> StreamState: tail, first, expiry, fork, …
 * log        stream id, offset       -> message
 * producers  stream id, producer id  -> epoch, last sequence
 * feed       sequence                -> change
 * due        time, stream id         -> path of a stream to look at then
 * meta       "format", "last-id"
 * </pre>
 *
 * <p><b>Size.</b> A stream that rests is a row on disk; the writer remembers a bounded number of
 * hot ones. Opening reads two counters and replays at most two write buffers, whatever the folder
 * holds.
 *
 * <p><b>Forks</b> copy nothing: a fork knows which logs hold its inherited past, and reads them
 * there. A source counts its forks; while it has any, its messages stay on disk whatever it hides,
 * and its deletion is soft. With the last fork goes what only forks kept.
 *
 * <p><b>Time.</b> Timestamps inside a stream never decrease, also when the clock does, so offsets
 * are found by time with a binary search; each record holds its position, so bytes are too.
 * Retention by count and bytes is exact for readers at every commit and lags on disk, where removal
 * comes in steps. Expiry and retention by age: see {@link Upkeep}.
 *
 * <p><b>When the device fails.</b> Appends are refused (FULL) while it has less than {@link
 * RocksConfig#minFreeBytes} left; deletes and trims are not. Should a write fail all the same, its
 * group fails, reads go on, and RocksDB is opened again as soon as there is room. A group that
 * failed while it was synced may turn out to be stored then: its callers were told it failed, and
 * producers that retry are recognised.
 */
public final class RocksStore implements Store {
  private static final int READERS = 4;
  private static final int READS_WAITING = 16_384;
  private static final long COMMAND_BYTES = 256; // what a command weighs besides its payloads

  /** A thread of a store, which must not wait for the store to end. */
  private static final class StoreThread extends Thread {
    StoreThread(Runnable task, String name) {
      super(task, name);
      setDaemon(true);
    }
  }

  private final StreamPolicies policies;
  private final Folder folder;
  private final Database db;
  private final Clerk clerk;
  private final Writer writer;
  private final Reads reads;
  private final FailureLog failures = new FailureLog();
  private final InstantSource clock;
  private final ThreadPoolExecutor readers;
  private final Thread writing;

  private RocksStore(
      RocksConfig config,
      StreamPolicies policies,
      InstantSource clock,
      Folder folder,
      Database db,
      SpaceGuard.Probe probe) {
    Touches touches = new Touches();
    Upkeep upkeep = new Upkeep(db, policies, touches);
    SpaceGuard space = new SpaceGuard(probe, config.minFreeBytes());
    this.policies = policies;
    this.folder = folder;
    this.db = db;
    this.clock = clock;
    this.clerk = new Clerk(policies, upkeep);
    this.reads = new Reads(db, touches, clock);
    this.writer = new Writer(config, db, new Ledger(db), upkeep, space, clock, failures);
    this.readers =
        new ThreadPoolExecutor(
            READERS,
            READERS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(READS_WAITING),
            task -> new StoreThread(task, "rocks-reader"));
    this.writing = new StoreThread(this::run, "rocks-writer");
  }

  /**
   * Opens the data folder, or makes it.
   *
   * @throws StoreException LOCKED when another store holds it, CORRUPT when it is not Parley's, too
   *     new or damaged, FULL or IO when the device fails
   */
  public static RocksStore open(RocksConfig config, StreamPolicies policies, InstantSource clock) {
    return open(config, policies, clock, null);
  }

  static RocksStore open(
      RocksConfig config,
      StreamPolicies policies,
      InstantSource clock,
      SpaceGuard.@org.jspecify.annotations.Nullable Probe probe) {
    Folder folder = Folder.hold(config.folder(), clock.instant());
    Database db = null;
    try {
      db = new Database(folder.database(), config, folder.fresh());
      folder.finish();
      RocksStore store =
          new RocksStore(
              config,
              policies,
              clock,
              folder,
              db,
              probe == null ? SpaceGuard.Probe.of(folder.path()) : probe);
      store.writing.start();
      return store;
    } catch (RuntimeException | Error e) {
      if (db != null) {
        db.close();
      }
      folder.close();
      throw e;
    }
  }

  @Override
  public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
    return writer.submit(
        weight(spec.initial()), true, syncs(path), group -> clerk.create(group, path, spec));
  }

  @Override
  public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
    return writer.submit(
        weight(append.messages()), true, syncs(path), group -> clerk.append(group, path, append));
  }

  private boolean syncs(StreamPath path) {
    return policies.of(path).durability() == Durability.SYNC;
  }

  private static long weight(List<Payload> payloads) {
    long bytes = COMMAND_BYTES;
    for (Payload payload : payloads) {
      bytes += payload.bytes().length;
    }
    return bytes;
  }

  @Override
  public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
    return ask(() -> reads.head(path));
  }

  @Override
  public CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes) {
    require(after >= 0, "after", after, ">= 0");
    require(maxMessages >= 1, "max-messages", maxMessages, ">= 1");
    return ask(() -> reads.read(path, after, maxMessages, maxBytes));
  }

  @Override
  public CompletableFuture<Optional<Long>> offsetAt(StreamPath path, Instant time) {
    return ask(() -> reads.offsetAt(path, time));
  }

  @Override
  public void touch(StreamPath path) {
    long now = clock.millis();
    try {
      readers.execute(() -> reads.touch(path, now));
    } catch (RejectedExecutionException e) {
      // Nobody waits for it, and the next read touches again.
    }
  }

  @Override
  public CompletableFuture<DeleteResult> delete(StreamPath path) {
    return writer.submit(COMMAND_BYTES, false, syncs(path), group -> clerk.delete(group, path));
  }

  @Override
  public CompletableFuture<Boolean> trim(StreamPath path, long first) {
    return writer.submit(
        COMMAND_BYTES, false, syncs(path), group -> clerk.trim(group, path, first));
  }

  @Override
  public CompletableFuture<List<StreamInfo>> list(String prefix, String after, int limit) {
    require(limit >= 1, "limit", limit, ">= 1");
    return ask(() -> reads.list(prefix, after, limit));
  }

  @Override
  public CompletableFuture<List<Change>> changes(long sequence, int limit) {
    require(sequence >= 0, "sequence", sequence, ">= 0");
    require(limit >= 1, "limit", limit, ">= 1");
    return ask(() -> reads.changes(sequence, limit));
  }

  @Override
  public long lastChange() {
    return writer.lastChange();
  }

  @Override
  public void onCommit(CommitListener listener) {
    writer.listen(listener);
  }

  /** Expires and retains what is due now; true when there is more. For tests. */
  CompletableFuture<Boolean> sweep() {
    return writer.submit(COMMAND_BYTES, false, false, writer::sweep);
  }

  /** How many messages the log of a stream holds on disk, readable or not. For tests. */
  long stored(long streamId) {
    AtomicLong count = new AtomicLong();
    db.log(streamId, 0, Long.MAX_VALUE, (key, record) -> count.incrementAndGet() > 0);
    return count.get();
  }

  private static void require(boolean holds, String key, long value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
    }
  }

  private <R> CompletableFuture<R> ask(Supplier<R> question) {
    CompletableFuture<R> result = new CompletableFuture<>();
    try {
      readers.execute(() -> answer(question, result));
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(
          readers.isShutdown()
              ? new StoreException(Code.STOPPED, "store: closed", e)
              : new StoreException(
                  Code.BUSY, "store: " + READS_WAITING + " reads wait already", e));
    }
    return result;
  }

  private <R> void answer(Supplier<R> question, CompletableFuture<R> result) {
    R value;
    try {
      value = question.get();
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(failures.report(e));
      return;
    }
    result.complete(value);
  }

  /** Runs the writer to its end, and then lets go of everything: nobody writes after it. */
  private void run() {
    try {
      writer.run();
    } finally {
      readers.shutdown();
      awaitReaders();
      writer.finish();
      db.close();
      folder.close();
    }
  }

  private void awaitReaders() {
    try {
      while (!readers.awaitTermination(1, TimeUnit.DAYS)) {
        // A read ends.
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    writer.stop();
    if (Thread.currentThread() instanceof StoreThread) {
      return; // it is what the end waits for; what was accepted is done after this returns
    }
    boolean interrupted = false;
    while (true) {
      try {
        writing.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
