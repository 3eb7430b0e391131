package dev.parley.hub;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * A store whose reads are answered when the test says so, in any order: each with what was true
 * when it was asked. Confined to the test thread, but for the commits it passes on.
 */
final class HeldStore implements Store {
  private final Store inner;
  private final List<Runnable> answers = new ArrayList<>();
  int reads;

  HeldStore(Store inner) {
    this.inner = inner;
  }

  boolean release(RandomGenerator random) {
    if (answers.isEmpty()) {
      return false;
    }
    answers.remove(random.nextInt(answers.size())).run();
    return true;
  }

  private <T> CompletableFuture<T> hold(T answer) {
    CompletableFuture<T> held = new CompletableFuture<>();
    answers.add(() -> held.complete(answer));
    return held;
  }

  @Override
  public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
    return hold(inner.head(path).join());
  }

  @Override
  public CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes) {
    reads++;
    // Short reads, so that a catch-up takes many.
    return hold(inner.read(path, after, Math.min(7, maxMessages), maxBytes).join());
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
