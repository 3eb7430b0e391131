package dev.parley.hub;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Commit;
import dev.parley.stream.CreateResult;
import dev.parley.stream.DeleteResult;
import dev.parley.stream.Message;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import dev.parley.stream.StreamSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The node's one way to streams, for every wire: writes go through to the store, reads come from
 * memory when they can. Safe on any thread; the live state belongs to its shards.
 *
 * <p>Memory lets go of old messages when the store says they are trimmed. So where retention is by
 * age, a message may be read from memory after its time, for as long as the store waits between two
 * sweeps.
 */
public final class Hub implements AutoCloseable {
  private static final long STOP_SECONDS = 10;
  private static final int PAGE = 1000;
  private static final int PAGE_BYTES = 1 << 20;

  private final Store store;
  private final StreamPolicies policies;
  private final LongSupplier nanoTime;
  private final Counters counters = new Counters();
  private final Shard[] shards;
  private final List<Store.CommitListener> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean draining;

  public Hub(Store store, StreamPolicies policies, HubConfig config) {
    this(store, policies, config, HubObserver.NONE);
  }

  public Hub(Store store, StreamPolicies policies, HubConfig config, HubObserver observer) {
    this(store, policies, config, observer, System::nanoTime);
    for (int i = 0; i < shards.length; i++) {
      Thread.ofPlatform().daemon().name("parley-shard-" + i).start(shards[i]);
    }
  }

  /** With shards that nobody runs yet: whoever made it turns them. */
  Hub(
      Store store,
      StreamPolicies policies,
      HubConfig config,
      HubObserver observer,
      LongSupplier nanoTime) {
    this.store = store;
    this.policies = policies;
    this.nanoTime = nanoTime;
    this.shards = new Shard[config.shards()];
    Arrays.setAll(shards, i -> new Shard(store, policies, config, counters, observer, nanoTime));
    store.onCommit(this::onCommitted);
  }

  Shard[] shards() {
    return shards;
  }

  /** For what only the store knows: listing, time, the change feed, trim. */
  public Store store() {
    return store;
  }

  public StreamPolicy policy(StreamPath path) {
    return policies.of(path);
  }

  public CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec) {
    return store.create(path, spec);
  }

  public CompletableFuture<AppendResult> append(StreamPath path, Append append) {
    return store.append(path, append);
  }

  public CompletableFuture<DeleteResult> delete(StreamPath path) {
    return store.delete(path);
  }

  /** As {@link Store#head}; a stream that is live here is known without asking the store. */
  public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
    View view = shard(path).fresh(path);
    return view == null || view.expires()
        ? store.head(path)
        : CompletableFuture.completedFuture(Optional.of(view.info()));
  }

  /** As {@link Store#read}; recent messages come from memory. */
  public CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes) {
    View view = shard(path).fresh(path);
    Slice recent = view == null ? null : view.slice(after, maxMessages, maxBytes);
    return recent == null
        ? store.read(path, after, maxMessages, maxBytes)
        : CompletableFuture.completedFuture(Optional.of(recent));
  }

  /** Reads all that there is after an offset, page by page. Blocks. */
  public void readAll(StreamPath path, long after, Consumer<Message> each) {
    Optional<Slice> page = read(path, after, PAGE, PAGE_BYTES).join();
    while (page.isPresent()) {
      page.get().messages().forEach(each);
      page =
          page.get().upToDate()
              ? Optional.empty()
              : read(path, page.get().next(), PAGE, PAGE_BYTES).join();
    }
  }

  /**
   * Follows from {@code after} (0: the beginning, -1: only what comes): catch-up, then live,
   * without gap or repeat. It follows the stream that is at {@code path} now or, if that goes
   * first, the one that takes its place, but never both: with its stream it ends ({@link
   * Follower.End#DELETED}). So it does when {@code after} lies beyond the tail: a position that the
   * stream never had is one of a stream that is gone.
   */
  public Subscription follow(StreamPath path, long after, Follower follower) {
    if (after < Following.FROM_NOW) {
      throw new IllegalArgumentException("follow after: " + after + " (expected: >= -1)");
    }
    Following following = new Following(path, after, follower);
    if (draining) {
      following.refuse(Follower.End.DRAINING);
    } else if (!shard(path).join(following)) {
      following.refuse(draining ? Follower.End.DRAINING : Follower.End.FAILED);
    }
    return following;
  }

  /** How many follow {@code path} on this node. */
  public int followers(StreamPath path) {
    return shard(path).followers(path);
  }

  public HubStats stats() {
    return counters.read();
  }

  /**
   * Hears of every commit, on the store's commit thread; must not block. For subscriptions and
   * telemetry.
   */
  public void onCommit(Store.CommitListener listener) {
    listeners.add(listener);
  }

  /**
   * Tells every follower to come back later ({@link Follower.End#DRAINING}); done when each has
   * been told.
   */
  public CompletableFuture<Void> drain() {
    draining = true;
    return CompletableFuture.allOf(
        Arrays.stream(shards).map(Shard::drain).toArray(CompletableFuture[]::new));
  }

  /** Tells who is left to come back later, and ends the shards. The store stays open. */
  @Override
  public void close() {
    draining = true;
    CompletableFuture<Void> ended =
        CompletableFuture.allOf(
            Arrays.stream(shards).map(Shard::stop).toArray(CompletableFuture[]::new));
    var _ = ended.completeOnTimeout(null, STOP_SECONDS, TimeUnit.SECONDS).join();
  }

  /** One hand-over per shard and group. On the store's commit thread. */
  private void onCommitted(List<Commit> commits) {
    if (commits.isEmpty()) {
      return;
    }
    long now = nanoTime.getAsLong();
    for (Commit commit : commits) {
      StreamPath path = commit.change().path();
      shard(path).announce(path, commit.change().sequence());
    }
    if (shards.length == 1) {
      shards[0].committed(commits, now);
    } else {
      handOver(commits, now);
    }
    for (Store.CommitListener listener : listeners) {
      listener.onCommitted(commits);
    }
  }

  private void handOver(List<Commit> commits, long now) {
    @Nullable List<Commit>[] groups = groups();
    for (Commit commit : commits) {
      int shard = index(commit.change().path());
      List<Commit> group = groups[shard];
      if (group == null) {
        group = new ArrayList<>();
        groups[shard] = group;
      }
      group.add(commit);
    }
    for (int i = 0; i < groups.length; i++) {
      List<Commit> group = groups[i];
      if (group != null) {
        shards[i].committed(group, now);
      }
    }
  }

  @SuppressWarnings({"unchecked", "rawtypes"})
  private @Nullable List<Commit>[] groups() {
    return new List[shards.length];
  }

  private Shard shard(StreamPath path) {
    return shards[index(path)];
  }

  private int index(StreamPath path) {
    int hash = path.hashCode() * 0x9E3779B9; // spreads paths that differ in their last character
    return Math.floorMod(hash ^ (hash >>> 16), shards.length);
  }
}
