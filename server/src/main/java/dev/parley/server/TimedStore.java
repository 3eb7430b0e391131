package dev.parley.server;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.CreateResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import dev.parley.telemetry.Stage;
import dev.parley.telemetry.Telemetry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Passes everything on to a store, times its appends and notices when it is full. Safe on any
 * thread.
 */
final class TimedStore implements Store {
  private final Store store;
  private final Telemetry telemetry;
  private volatile boolean full;

  TimedStore(Store store, Telemetry telemetry) {
    this.store = store;
    this.telemetry = telemetry;
  }

  /** Whether the last append was refused for want of space. */
  boolean full() {
    return full;
  }

  @Override
  public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
    return store.create(path, spec);
  }

  @Override
  public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
    long start = System.nanoTime();
    return store.append(path, append).whenComplete((result, error) -> onAppend(start, error));
  }

  private void onAppend(long start, @Nullable Throwable error) {
    if (error == null) {
      if (!Thread.currentThread().isVirtual()) { // whose recorder would outlive it
        telemetry.recorder(Stage.COMMIT).record(System.nanoTime() - start);
      }
      if (full) {
        full = false;
      }
    } else if (error instanceof StoreException e && e.code() == StoreException.Code.FULL) {
      full = true;
    }
  }

  @Override
  public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
    return store.head(path);
  }

  @Override
  public CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes) {
    return store.read(path, after, maxMessages, maxBytes);
  }

  @Override
  public CompletableFuture<Optional<Long>> offsetAt(StreamPath path, Instant time) {
    return store.offsetAt(path, time);
  }

  @Override
  public void touch(StreamPath path) {
    store.touch(path);
  }

  @Override
  public CompletableFuture<DeleteResult> delete(StreamPath path) {
    return store.delete(path);
  }

  @Override
  public CompletableFuture<Boolean> trim(StreamPath path, long first) {
    return store.trim(path, first);
  }

  @Override
  public CompletableFuture<List<StreamInfo>> list(String prefix, String after, int limit) {
    return store.list(prefix, after, limit);
  }

  @Override
  public CompletableFuture<List<Change>> changes(long sequence, int limit) {
    return store.changes(sequence, limit);
  }

  @Override
  public long lastChange() {
    return store.lastChange();
  }

  @Override
  public void onCommit(CommitListener listener) {
    store.onCommit(listener);
  }

  @Override
  public void close() {
    store.close();
  }
}
