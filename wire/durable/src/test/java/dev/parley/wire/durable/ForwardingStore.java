package dev.parley.wire.durable;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.CreateResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Passes everything on to another store; tests override what is to go otherwise. Any thread. */
public class ForwardingStore implements Store {
  protected final Store inner;

  public ForwardingStore(Store inner) {
    this.inner = inner;
  }

  @Override
  public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
    return inner.create(path, spec);
  }

  @Override
  public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
    return inner.append(path, append);
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
  public void onCommit(CommitListener listener) {
    inner.onCommit(listener);
  }

  @Override
  public void close() {
    inner.close();
  }
}
