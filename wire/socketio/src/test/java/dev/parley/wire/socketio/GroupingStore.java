package dev.parley.wire.socketio;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.CreateResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A store in memory that can hold its news back and tell it as one group, as a store does that
 * syncs several commits at once, take its time over sessions, and refuse appends. Any thread.
 */
final class GroupingStore implements Store {
  private final MemoryStore inner = new MemoryStore();
  private final List<Commit> held = new ArrayList<>(); // guarded by this
  private boolean holds; // guarded by this
  private volatile boolean fails;
  private volatile CompletableFuture<?> sessions = CompletableFuture.completedFuture(null);
  private volatile CommitListener listener = _ -> {};

  synchronized void hold() {
    holds = true;
  }

  /** Tells what was held back since, at once. */
  synchronized void tell() {
    holds = false;
    listener.onCommitted(List.copyOf(held));
    held.clear();
  }

  synchronized int held() {
    return held.size();
  }

  void failAppends(boolean wanted) {
    fails = wanted;
  }

  /** Sessions that begin from now on are kept after {@code done}. */
  void keepSessionsAfter(CompletableFuture<?> done) {
    sessions = done;
  }

  @Override
  public void onCommit(CommitListener listener) {
    this.listener = listener;
    inner.onCommit(commits -> {
      synchronized (this) {
        if (holds) {
          held.addAll(commits);
        } else {
          listener.onCommitted(commits);
        }
      }
    });
  }

  @Override
  public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
    return fails
        ? CompletableFuture.failedFuture(
            new StoreException(StoreException.Code.FULL, "expected here"))
        : inner.append(path, append);
  }

  @Override
  public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
    return path.value().startsWith(Journal.RESERVED)
        ? sessions.thenCompose(_ -> inner.create(path, spec))
        : inner.create(path, spec);
  }

  @Override
  public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
    return inner.head(path);
  }

  @Override
  public CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes) {
    return inner.read(path, after, maxMessages, maxBytes);
  }

  @Override
  public CompletableFuture<Optional<Long>> offsetAt(StreamPath path, Instant time) {
    return inner.offsetAt(path, time);
  }

  @Override
  public void touch(StreamPath path) {
    inner.touch(path);
  }

  @Override
  public CompletableFuture<DeleteResult> delete(StreamPath path) {
    return inner.delete(path);
  }

  @Override
  public CompletableFuture<Boolean> trim(StreamPath path, long first) {
    return inner.trim(path, first);
  }

  @Override
  public CompletableFuture<List<StreamInfo>> list(String prefix, String after, int limit) {
    return inner.list(prefix, after, limit);
  }

  @Override
  public CompletableFuture<List<Change>> changes(long sequence, int limit) {
    return inner.changes(sequence, limit);
  }

  @Override
  public long lastChange() {
    return inner.lastChange();
  }

  @Override
  public void close() {
    inner.close();
  }
}
