package dev.parley.backend.rocksdb;

import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StoreException.Code;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The one write path: takes commands from its mailbox in groups and commits each group as a whole.
 * Other threads only {@link #submit} and {@link #stop}; all else runs on its thread.
 */
final class Writer implements Runnable {
  /** What a command does to its group. */
  interface Work<R> {
    R apply(Group group) throws RocksDBException;
  }

  /**
   * @param bytes about what it weighs
   * @param grows whether it needs space on the device
   * @param sync whether what it brings is likely to be synced
   */
  private record Command<R>(
      Work<R> work, long bytes, boolean grows, boolean sync, CompletableFuture<R> result) {}

  /** The commands of a group that have been answered, but not told so yet. */
  private record Answer<R>(Command<R> command, R value) {
    void complete() {
      command.result.complete(value);
    }
  }

  private static final System.Logger LOG = System.getLogger(Writer.class.getName());
  private static final long MAILBOX_BYTES = 64L << 20;
  private static final long GROUP_BYTES = 4L << 20;
  private static final long RECOVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final RocksConfig config;
  private final Database db;
  private final Ledger ledger;
  private final Upkeep upkeep;
  private final SpaceGuard space;
  private final InstantSource clock;
  private final FailureLog failures;
  private final BlockingQueue<Command<?>> mailbox;
  private final AtomicLong waitingBytes = new AtomicLong();
  private volatile Store.@Nullable CommitListener listener;
  private volatile long lastChange;
  private volatile boolean stopping;
  private volatile boolean ended;

  // Confined to the writer's thread.
  private @Nullable Command<?> held; // taken from the mailbox, and next
  private @Nullable StoreException broken;
  private long recoverAt;
  private boolean owesSync;
  private long syncAt;
  private long sweepAt;

  Writer(
      RocksConfig config,
      Database db,
      Ledger ledger,
      Upkeep upkeep,
      SpaceGuard space,
      InstantSource clock,
      FailureLog failures) {
    this.config = config;
    this.db = db;
    this.ledger = ledger;
    this.upkeep = upkeep;
    this.space = space;
    this.clock = clock;
    this.failures = failures;
    this.mailbox = new ArrayBlockingQueue<>(config.mailbox());
    this.lastChange = ledger.lastChange();
    this.sweepAt = System.nanoTime();
  }

  /**
   * Puts a command into the mailbox; its future fails with BUSY when it does not fit.
   *
   * @param bytes about what it weighs
   * @param grows whether it needs space on the device, and is refused when there is none
   * @param sync whether what it brings is likely to be synced; those before it do not wait for that
   */
  <R> CompletableFuture<R> submit(long bytes, boolean grows, boolean sync, Work<R> work) {
    Command<R> command = new Command<>(work, bytes, grows, sync, new CompletableFuture<>());
    if (stopping) {
      return refuse(command, Code.STOPPED, "store: closed");
    }
    long waiting = waitingBytes.addAndGet(bytes);
    if ((waiting > MAILBOX_BYTES && waiting > bytes) || !mailbox.offer(command)) {
      waitingBytes.addAndGet(-bytes);
      return refuse(
          command, Code.BUSY, "rocksdb.mailbox: " + config.mailbox() + " commands wait already");
    }
    if (ended && mailbox.remove(command)) {
      return refuse(command, Code.STOPPED, "store: closed");
    }
    return command.result;
  }

  private static <R> CompletableFuture<R> refuse(Command<R> command, Code code, String message) {
    command.result.completeExceptionally(new StoreException(code, message));
    return command.result;
  }

  void listen(Store.CommitListener heir) {
    listener = heir;
  }

  long lastChange() {
    return lastChange;
  }

  /** Ends the thread once everything accepted is done. */
  void stop() {
    if (!stopping) {
      stopping = true;
      // Wakes it; a full mailbox needs no waking.
      boolean _ =
          mailbox.offer(
              new Command<>(group -> true, 0, false, false, new CompletableFuture<Boolean>()));
    }
  }

  @Override
  public void run() {
    try {
      while (!stopping) {
        turn();
      }
      for (Command<?> next = next(0); next != null; next = next(0)) {
        commit(take(next));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      stopping = true;
      ended = true;
      for (Command<?> late = held == null ? mailbox.poll() : held;
          late != null;
          late = mailbox.poll()) {
        var _ = refuse(late, Code.STOPPED, "store: closed");
      }
    }
  }

  /**
   * Stores the last touches, and syncs. Called on its thread when it and the readers have ended.
   */
  void finish() {
    commit(List.of(internal(this::settleAllTouches)));
    if (broken == null) {
      sync();
    }
  }

  private void turn() throws InterruptedException {
    long now = System.nanoTime();
    long wait = Math.min(sweepAt - now, owesSync ? syncAt - now : Long.MAX_VALUE);
    Command<?> first = next(Math.max(wait, 0));
    if (first != null) {
      commit(take(first));
    }
    now = System.nanoTime();
    if (owesSync && now - syncAt >= 0) {
      sync();
    }
    if (now - sweepAt >= 0) {
      sweepAt = now + config.sweepInterval().toNanos();
      commit(List.of(internal(this::sweep)));
    }
  }

  private @Nullable Command<?> next(long waitNanos) throws InterruptedException {
    Command<?> next = held;
    held = null;
    return next == null ? mailbox.poll(waitNanos, TimeUnit.NANOSECONDS) : next;
  }

  /**
   * A group of what waits, bounded in commands and bytes. One that begins with what needs no sync
   * ends before what does: words of a reply leave while the end of another is synced.
   */
  private List<Command<?>> take(Command<?> first) {
    List<Command<?>> group = new ArrayList<>();
    long bytes = 0;
    Command<?> next = first;
    while (next != null) {
      group.add(next);
      bytes += next.bytes;
      waitingBytes.addAndGet(-next.bytes);
      boolean full = group.size() >= config.maxBatch() || bytes >= GROUP_BYTES;
      next = full ? null : mailbox.poll();
      if (next != null && next.sync && !first.sync) {
        held = next;
        next = null;
      }
    }
    return group;
  }

  private static Command<Boolean> internal(Work<Boolean> work) {
    return new Command<>(work, 0, false, false, new CompletableFuture<>());
  }

  /** Expires, retains and stores touches; there may be more to do than one group should hold. */
  boolean sweep(Group group) throws RocksDBException {
    upkeep.settleTouches(group, false);
    boolean more = upkeep.sweep(group);
    if (more) {
      sweepAt = System.nanoTime(); // right after those who wait
    }
    return more;
  }

  private boolean settleAllTouches(Group group) {
    upkeep.settleTouches(group, true);
    return true;
  }

  private void commit(List<Command<?>> commands) {
    if (broken != null && !recover()) {
      StoreException reason = broken;
      commands.forEach(command -> command.result.completeExceptionally(reason));
      return;
    }
    List<Answer<?>> answers = new ArrayList<>(commands.size());
    StoreException failure = null;
    try (Group group = new Group(db, ledger, clock.millis())) {
      for (Command<?> command : commands) {
        Answer<?> answer = answer(group, command);
        if (answer != null) {
          answers.add(answer);
        }
      }
      if (group.staged() > 0) {
        group.write();
        told(group);
      }
    } catch (RocksDBException e) {
      failure = broke(e);
    } catch (RuntimeException | Error e) {
      // A command failed halfway: what it staged cannot be told from the rest.
      upkeep.forget();
      failure = failures.report(e);
    }
    if (failure == null) {
      answers.forEach(Answer::complete);
    } else {
      for (Command<?> command : commands) {
        command.result.completeExceptionally(failure);
      }
    }
  }

  /** Does one command; one that fails before it stages anything fails alone. */
  private <R> @Nullable Answer<R> answer(Group group, Command<R> command) throws RocksDBException {
    if (command.grows) {
      if (space.full(System.nanoTime())) {
        command.result.completeExceptionally(new StoreException(Code.FULL, space.describe()));
        return null;
      }
      space.wrote(command.bytes);
    }
    int before = group.staged();
    try {
      return new Answer<>(command, command.work.apply(group));
    } catch (RuntimeException e) {
      if (group.staged() != before) {
        throw e;
      }
      command.result.completeExceptionally(failures.report(e));
      return null;
    }
  }

  private void told(Group group) {
    if (group.synced()) {
      owesSync = false; // a sync takes everything written before along
    } else if (group.owesSync() && !owesSync) {
      owesSync = true;
      syncAt = System.nanoTime() + config.asyncBound().toNanos();
    }
    lastChange = ledger.lastChange();
    Store.CommitListener heir = listener;
    if (heir == null || group.commits().isEmpty()) {
      return;
    }
    try {
      heir.onCommitted(List.copyOf(group.commits()));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "commit listener failed", e);
    }
  }

  private void sync() {
    owesSync = false;
    try {
      db.sync();
    } catch (RocksDBException e) {
      broke(e);
    }
  }

  /** The device failed. Reads go on; writes wait for {@link #recover}. */
  private StoreException broke(RocksDBException e) {
    StoreException reason = db.failure(e);
    LOG.log(System.Logger.Level.ERROR, reason.getMessage());
    broken = reason;
    recoverAt = System.nanoTime() + RECOVERY_NANOS;
    return reason;
  }

  /**
   * Opens RocksDB again once the device has room: after a failed write it takes no more until then,
   * and what it has in memory need not be what is on disk.
   */
  private boolean recover() {
    long now = System.nanoTime();
    if (now - recoverAt < 0 || space.full(now)) {
      return false;
    }
    try {
      db.reopen();
      ledger.reload();
      upkeep.forget();
      lastChange = ledger.lastChange();
      broken = null;
      LOG.log(System.Logger.Level.INFO, "writing again");
      return true;
    } catch (RocksDBException e) {
      broke(e);
    } catch (StoreException e) {
      broken = e;
      recoverAt = now + RECOVERY_NANOS;
    }
    return false;
  }
}
