package dev.parley.stream;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that forgets everything when it closes: the reference for others, and good for tests and
 * streams nobody will miss. One thread owns all of it; the methods enqueue there and may be called
 * on any thread. Every durability is {@link Durability#MEMORY} here, and the change feed is kept
 * whole.
 */
public final class MemoryStore implements Store {
  private static final int MAILBOX = 65_536;

  private final StreamPolicies policies;
  private final InstantSource clock;
  private final ThreadPoolExecutor executor;
  private volatile long lastChange;
  private volatile @Nullable CommitListener listener;
  private volatile @Nullable Thread owner;

  // Confined to the store's thread.
  private final TreeMap<String, MemoryStream> streams = new TreeMap<>(StreamPath::compare);
  private final PriorityQueue<Deadline> deadlines =
      new PriorityQueue<>(Comparator.comparingLong(Deadline::at));
  private final List<Change> feed = new ArrayList<>();
  private long lastId;

  /** When to look whether a stream has expired; a touch since then moves it. */
  private record Deadline(long at, MemoryStream stream) {}

  public MemoryStore() {
    this(StreamPolicies.uniform(StreamPolicy.DEFAULT), InstantSource.system());
  }

  /**
   * @param policies whose retention applies; durability is ignored
   * @param clock of timestamps and expiry
   */
  public MemoryStore(StreamPolicies policies, InstantSource clock) {
    this.policies = policies;
    this.clock = clock;
    this.executor =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAILBOX),
            task -> {
              Thread thread = Thread.ofPlatform().daemon().name("memory-store").unstarted(task);
              owner = thread;
              return thread;
            });
  }

  @Override
  public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
    return submit(() -> onCreate(path, spec, clock.millis()));
  }

  @Override
  public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
    return submit(() -> onAppend(path, append, clock.millis()));
  }

  @Override
  public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
    return submit(() -> Optional.ofNullable(find(path)).map(MemoryStream::info));
  }

  @Override
  public CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes) {
    require(after >= 0, "after", after, ">= 0");
    require(maxMessages >= 1, "max-messages", maxMessages, ">= 1");
    return submit(() -> live(path).map(stream -> stream.read(after, maxMessages, maxBytes)));
  }

  @Override
  public CompletableFuture<Optional<Long>> offsetAt(StreamPath path, Instant time) {
    return submit(() -> live(path).map(stream -> stream.offsetAt(time)));
  }

  @Override
  public void touch(StreamPath path) {
    try {
      executor.execute(() -> live(path).ifPresent(stream -> stream.touch(clock.millis())));
    } catch (RejectedExecutionException e) {
      // Nobody waits for it, and the next read touches again.
    }
  }

  @Override
  public CompletableFuture<DeleteResult> delete(StreamPath path) {
    return submit(() -> onDelete(path, clock.millis()));
  }

  @Override
  public CompletableFuture<Boolean> trim(StreamPath path, long first) {
    return submit(() -> {
      Optional<MemoryStream> found = live(path);
      found
          .filter(stream -> stream.trim(first))
          .ifPresent(stream ->
              commit(
                  Change.Kind.TRIMMED,
                  stream,
                  clock.millis(),
                  stream.first(),
                  stream.first() - 1,
                  List.of()));
      return found.isPresent();
    });
  }

  @Override
  public CompletableFuture<List<StreamInfo>> list(String prefix, String after, int limit) {
    require(limit >= 1, "limit", limit, ">= 1");
    return submit(() -> {
      expire(clock.millis());
      boolean skips = StreamPath.compare(after, prefix) >= 0;
      return streams.tailMap(skips ? after : prefix, !skips).values().stream()
          .takeWhile(stream -> stream.path.value().startsWith(prefix))
          .filter(stream -> !stream.deleted())
          .limit(limit)
          .map(stream -> {
            stream.retain(policies.of(stream.path).retention(), clock.millis());
            return stream.info();
          })
          .toList();
    });
  }

  @Override
  public CompletableFuture<List<Change>> changes(long sequence, int limit) {
    require(sequence >= 0, "sequence", sequence, ">= 0");
    require(limit >= 1, "limit", limit, ">= 1");
    return submit(() -> {
      int from = (int) Math.min(sequence, feed.size());
      return List.copyOf(feed.subList(from, (int) Math.min((long) from + limit, feed.size())));
    });
  }

  @Override
  public long lastChange() {
    return lastChange;
  }

  @Override
  public void onCommit(CommitListener listener) {
    this.listener = listener;
  }

  @Override
  public void close() {
    executor.shutdown();
    if (Thread.currentThread() == owner) {
      return; // what was accepted is run after this returns
    }
    boolean interrupted = false;
    while (true) {
      try {
        if (executor.awaitTermination(1, TimeUnit.DAYS)) {
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private <T> CompletableFuture<T> submit(Supplier<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      executor.execute(() -> {
        try {
          result.complete(task.get());
        } catch (RuntimeException | Error e) {
          result.completeExceptionally(
              new StoreException(StoreException.Code.IO, "memory store: " + e, e));
        }
      });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(
          executor.isShutdown()
              ? new StoreException(StoreException.Code.STOPPED, "memory store: closed", e)
              : new StoreException(StoreException.Code.BUSY, "memory store: mailbox full", e));
    }
    return result;
  }

  private static void require(boolean holds, String key, long value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(key + ": " + value + " (expected: " + expected + ")");
    }
  }

  private CreateResult onCreate(StreamPath path, StreamSpec spec, long now) {
    MemoryStream existing = find(path);
    if (existing != null) {
      if (existing.deleted()) {
        return new CreateResult.Conflict("path: " + path + " is deleted, and kept for its forks");
      }
      String difference = spec.difference(existing.info());
      return difference == null
          ? new CreateResult.Exists(existing.info())
          : new CreateResult.Conflict(difference);
    }
    StreamSpec.Fork fork = spec.fork();
    if (fork != null) {
      return onFork(path, spec, fork, now);
    }
    String contentType = spec.contentType();
    if (contentType == null) {
      throw new AssertionError("only forks come without a content type");
    }
    MemoryStream stream = new MemoryStream(path, ++lastId, spec, contentType, now);
    return created(stream, spec, 1, new ArrayList<>(), now);
  }

  private CreateResult onFork(StreamPath path, StreamSpec spec, StreamSpec.Fork fork, long now) {
    MemoryStream source = find(fork.source());
    if (source == null) {
      return new CreateResult.SourceMissing();
    }
    if (source.deleted()) {
      return new CreateResult.SourceGone();
    }
    if (spec.contentType() != null && !ContentTypes.same(spec.contentType(), source.contentType)) {
      return new CreateResult.SourceContentType(source.contentType);
    }
    String refusal = source.forkRefusal(fork);
    if (refusal != null) {
      return new CreateResult.BadForkPoint(refusal);
    }
    MemoryStream stream = source.fork(path, ++lastId, spec, fork, now);
    long first = stream.tail() + 1;
    Payload part = source.forkPart(fork);
    List<Message> messages = new ArrayList<>();
    if (part != null) {
      messages.addAll(stream.add(List.of(part), null, now));
    }
    return created(stream, spec, first, messages, now);
  }

  private CreateResult created(
      MemoryStream stream, StreamSpec spec, long first, List<Message> messages, long now) {
    messages.addAll(stream.add(spec.initial(), null, now));
    if (spec.closed()) {
      stream.close(null);
    }
    streams.put(stream.path.value(), stream);
    if (stream.mayExpire()) {
      deadlines.add(new Deadline(stream.deadline(), stream));
    }
    stream.retain(policies.of(stream.path).retention(), now);
    commit(Change.Kind.CREATED, stream, now, first, stream.tail(), messages);
    return new CreateResult.Created(stream.info());
  }

  private AppendResult onAppend(StreamPath path, Append append, long now) {
    MemoryStream stream = find(path);
    if (stream == null) {
      return new AppendResult.Missing();
    }
    if (stream.deleted()) {
      return new AppendResult.Gone();
    }
    AppendResult refusal = stream.refusal(append);
    if (refusal != null) {
      if (refusal instanceof AppendResult.Duplicate) {
        stream.touch(now);
      }
      return refusal;
    }
    long first = stream.tail() + 1;
    List<Message> messages = stream.accept(append, now);
    stream.touch(now);
    stream.retain(policies.of(path).retention(), now);
    Change.Kind kind = append.close() ? Change.Kind.CLOSED : Change.Kind.APPENDED;
    commit(kind, stream, now, first, stream.tail(), messages);
    return new AppendResult.Appended(stream.info(), first);
  }

  private DeleteResult onDelete(StreamPath path, long now) {
    MemoryStream stream = find(path);
    if (stream == null) {
      return DeleteResult.MISSING;
    }
    if (stream.deleted()) {
      return DeleteResult.GONE;
    }
    remove(stream, now);
    return stream.hasForks() ? DeleteResult.SOFT_DELETED : DeleteResult.DELETED;
  }

  /** Deletes, softly when forks remain; with the last fork goes a source kept only for it. */
  private void remove(MemoryStream stream, long now) {
    stream.markDeleted();
    MemoryStream unneeded = stream;
    while (unneeded != null && unneeded.deleted() && !unneeded.hasForks()) {
      streams.remove(unneeded.path.value());
      unneeded.detach();
      unneeded = unneeded.source;
    }
    commit(Change.Kind.DELETED, stream, now, stream.tail() + 1, stream.tail(), List.of());
  }

  private void commit(
      Change.Kind kind,
      MemoryStream stream,
      long now,
      long first,
      long last,
      List<Message> messages) {
    Change change = new Change(feed.size() + 1L, kind, stream.path, stream.id, now, first, last);
    feed.add(change);
    lastChange = change.sequence();
    CommitListener listener = this.listener;
    if (listener != null) {
      listener.onCommitted(List.of(new Commit(change, stream.info(), List.copyOf(messages))));
    }
  }

  /** The stream at {@code path}, soft-deleted or not, as expiry and retention leave it now. */
  private @Nullable MemoryStream find(StreamPath path) {
    long now = clock.millis();
    expire(now);
    MemoryStream stream = streams.get(path.value());
    if (stream != null) {
      stream.retain(policies.of(path).retention(), now);
    }
    return stream;
  }

  private Optional<MemoryStream> live(StreamPath path) {
    return Optional.ofNullable(find(path)).filter(stream -> !stream.deleted());
  }

  private void expire(long now) {
    while (!deadlines.isEmpty() && deadlines.element().at() <= now) {
      MemoryStream stream = deadlines.remove().stream();
      if (stream.deleted()) {
        continue;
      }
      if (stream.deadline() <= now) {
        remove(stream, now);
      } else {
        deadlines.add(new Deadline(stream.deadline(), stream));
      }
    }
  }
}
