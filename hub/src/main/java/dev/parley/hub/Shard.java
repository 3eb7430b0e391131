package dev.parley.hub;

import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamPolicies;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Owns the live state of the streams that hash to it. Single writer: everything private here runs
 * on its thread; the package-private methods say who calls them.
 *
 * <p>When the mailbox is full, commits are not waited for and not lost: the shard is told at that
 * place in the order that it was overrun, forgets what it knows, and its followers read the store.
 *
 * <p>Readers on other threads use a stream's published {@link View} only when it is as new as every
 * write that was acknowledged. The commit thread notes the newest change in one of {@value
 * #STRIPES} stripes by path before an append completes; a view is good if it, or the shard as a
 * whole, has got that far.
 */
final class Shard implements Runnable {
  private static final Logger LOG = System.getLogger(Shard.class.getName());
  private static final int STRIPES = 1024;
  private static final int TURN = 1024; // most commands in one turn

  private final Store store;
  private final StreamPolicies policies;
  private final HubConfig config;
  private final Counters counters;
  private final HubObserver observer;
  private final LongSupplier nanoTime;
  private final Mailbox mailbox;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  // Written by the shard thread, read by anyone.
  private final Tails tails;
  private volatile long processed; // every change up to here is in the views

  // Written by the commit thread.
  private final AtomicLongArray announced = new AtomicLongArray(STRIPES);
  private volatile long lostUpTo;
  private boolean lostLast; // confined to the commit thread
  private final AtomicBoolean overrunAsked = new AtomicBoolean();

  // Confined to the shard thread.
  private @Nullable Thread owner;
  private final List<Command> batch = new ArrayList<>();
  private final List<Tail> dirty = new ArrayList<>();
  private final IdentityHashMap<Executor, Outbox> outboxes = new IdentityHashMap<>();
  private long reached; // the newest change this turn has taken up
  private long sweepAt;
  private boolean draining;
  private boolean stopped;

  Shard(
      Store store,
      StreamPolicies policies,
      HubConfig config,
      Counters counters,
      HubObserver observer,
      LongSupplier nanoTime) {
    this.store = store;
    this.policies = policies;
    this.config = config;
    this.counters = counters;
    this.observer = observer;
    this.nanoTime = nanoTime;
    this.tails = new Tails(Math.max(1, config.ringBytes() / config.shards()), counters);
    this.mailbox = new Mailbox(config.mailbox());
    this.sweepAt = nanoTime.getAsLong() + sweepEvery();
  }

  Store store() {
    return store;
  }

  Counters counters() {
    return counters;
  }

  /** On the commit thread, before the append completes and before {@link #committed}. */
  void announce(StreamPath path, long sequence) {
    announced.setRelease(stripe(path), sequence);
  }

  /** On the commit thread, in feed order; never waits. */
  void committed(List<Commit> commits, long nanos) {
    if (mailbox.offer(new Command.Committed(commits, nanos))) {
      lostLast = false;
      return;
    }
    counters.overruns.increment();
    lostUpTo = commits.getLast().change().sequence();
    // One notice serves all losses that no accepted commit lies between, until it is taken up.
    if (!(lostLast && overrunAsked.get())) {
      overrunAsked.set(true);
      mailbox.force(new Command.Overrun());
    }
    lostLast = true;
  }

  /** On any thread. */
  boolean join(Following following) {
    return mailbox.offer(new Command.Join(following));
  }

  /** On a loop. Each follower leaves once, so this is bounded by those that joined. */
  void leave(Command left) {
    mailbox.force(left);
  }

  /** On any thread. */
  CompletableFuture<Void> drain() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (!mailbox.force(new Command.Drain(done))) {
      done.complete(null);
    }
    return done;
  }

  /** On any thread; done when the shard has told its followers and ended. */
  CompletableFuture<Void> stop() {
    mailbox.force(new Command.Stop());
    return ended;
  }

  /** On any thread: the state of a stream, if memory knows it and is as new as any write. */
  @Nullable View fresh(StreamPath path) {
    long needed = announced.getAcquire(stripe(path));
    boolean allTaken = processed >= needed;
    Tail tail = tails.get(path);
    View view = tail == null ? null : tail.view;
    return view != null && (allTaken || view.sequence() >= needed) ? view : null;
  }

  /** On any thread. */
  int followers(StreamPath path) {
    Tail tail = tails.get(path);
    return tail == null ? 0 : tail.followers;
  }

  private static int stripe(StreamPath path) {
    int hash = path.hashCode();
    return (hash ^ (hash >>> 15)) & (STRIPES - 1);
  }

  @Override
  public void run() {
    try {
      while (!stopped) {
        turn(sweepEvery());
      }
    } catch (InterruptedException e) {
      LOG.log(Level.WARNING, "{0} was interrupted and ends", Thread.currentThread().getName());
    } finally {
      mailbox.close();
      ended.complete(null);
    }
  }

  /** Carries out what waits, as one batch. */
  void turn(long waitNanos) throws InterruptedException {
    assert onShard();
    mailbox.take(batch, TURN, waitNanos);
    long now = nanoTime.getAsLong();
    try {
      for (Command command : batch) {
        handle(command, now);
      }
    } finally {
      batch.clear();
    }
    settle(now);
  }

  private void handle(Command command, long now) {
    try {
      switch (command) {
        case Command.Committed(List<Commit> commits, long atNanos) ->
            onCommitted(commits, atNanos, now);
        case Command.Overrun() -> onOverrun();
        case Command.Join(Following following) -> onJoin(following, now);
        case Command.Left(Audience audience) -> onLeft(audience, now);
        case Command.Drain(CompletableFuture<Void> done) -> onDrain(done, now);
        case Command.Stop() -> onStop(now);
      }
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "a shard could not carry out " + command.getClass().getSimpleName(), e);
    }
  }

  private void onCommitted(List<Commit> commits, long atNanos, long now) {
    int messages = 0;
    for (Commit commit : commits) {
      messages += commit.messages().size();
      onCommit(commit, now);
    }
    reached = Math.max(reached, commits.getLast().change().sequence());
    observer.onShardBatch(now - atNanos, messages);
  }

  private void onCommit(Commit commit, long now) {
    Change change = commit.change();
    switch (change.kind()) {
      case CREATED, APPENDED, CLOSED -> grow(tails.getOrOpen(change.path()), commit, now);
      case TRIMMED -> {
        Tail tail = tails.get(change.path());
        if (tail != null) {
          grow(tail, commit, now);
        }
      }
      case DELETED -> {
        Tail tail = tails.get(change.path());
        if (tail != null) {
          hand(tail);
          delete(tail, change.streamId());
        }
      }
    }
  }

  private void grow(Tail tail, Commit commit, long now) {
    tail.apply(commit);
    tail.touchedNanos = now;
    if (!tail.dirty) {
      tail.dirty = true;
      dirty.add(tail);
    }
  }

  /** Hands what is new to each loop that has followers. */
  private void hand(Tail tail) {
    Delivery news = tail.news();
    if (news == null) {
      return;
    }
    for (int i = 0; i < tail.audiences.size(); i++) {
      Audience audience = tail.audiences.get(i);
      // A delivery is confined to its loop: each gets its own.
      Delivery own = i == 0 ? news : new Delivery(news.info(), news.messages(), true);
      outbox(audience).add(new LoopEvent.Arrived(audience, own));
    }
  }

  private void onOverrun() {
    overrunAsked.set(false);
    reached = Math.max(reached, lostUpTo);
    for (Tail tail : List.copyOf(tails.all())) {
      tail.forget();
      for (Audience audience : tail.audiences) {
        outbox(audience).add(new LoopEvent.Behind(audience));
      }
      tails.forgot(tail);
    }
    dirty.clear();
  }

  private void onJoin(Following following, long now) {
    if (draining) {
      following.refuse(Follower.End.DRAINING);
      return;
    }
    Tail tail = tails.getOrOpen(following.path);
    tail.touchedNanos = now;
    Audience audience = tail.audience(following.follower.loop());
    if (audience == null) {
      audience =
          new Audience(
              this, tail, following.follower.loop(), policies.of(following.path).slowFollower());
      tail.audiences.add(audience);
    }
    audience.count++;
    tail.count(1);
    counters.followers.increment();
    outbox(audience).add(new LoopEvent.Admitted(audience, following));
    tails.recharge(tail);
  }

  private void onLeft(Audience audience, long now) {
    if (audience.detached) {
      return;
    }
    Tail tail = audience.tail();
    audience.count--;
    tail.count(-1);
    counters.followers.decrement();
    if (audience.count == 0) {
      audience.detached = true;
      tail.audiences.remove(audience);
      tail.touchedNanos = now;
      tails.recharge(tail);
    }
  }

  private void onDrain(CompletableFuture<Void> done, long now) {
    draining = true;
    for (Tail tail : tails.all()) {
      hand(tail);
      dismiss(tail, Follower.End.DRAINING);
    }
    flush(now);
    List<CompletableFuture<Void>> told = new ArrayList<>();
    for (Outbox outbox : outboxes.values()) {
      CompletableFuture<Void> loop = new CompletableFuture<>();
      try {
        outbox.loop().execute(() -> loop.complete(null));
        told.add(loop);
      } catch (RejectedExecutionException over) {
        LOG.log(Level.DEBUG, "a loop ended before it was drained");
      }
    }
    var _ =
        CompletableFuture.allOf(told.toArray(CompletableFuture[]::new))
            .thenRun(() -> done.complete(null));
  }

  private void onStop(long now) {
    onDrain(new CompletableFuture<>(), now);
    mailbox.close();
    stopped = true;
    // What came in before the mailbox closed still gets its answer.
    List<Command> late = new ArrayList<>();
    mailbox.drain(late);
    for (Command command : late) {
      switch (command) {
        case Command.Join(Following following) -> following.refuse(Follower.End.DRAINING);
        case Command.Drain(CompletableFuture<Void> done) -> done.complete(null);
        case Command.Committed _ -> {}
        case Command.Overrun _ -> {}
        case Command.Left _ -> {}
        case Command.Stop _ -> {}
      }
    }
  }

  /** Followers of the stream hear of it; those who came for its successor stay. */
  private void delete(Tail tail, long streamId) {
    tail.forget();
    for (Audience audience : tail.audiences) {
      outbox(audience).add(new LoopEvent.Deleted(audience, streamId));
    }
    tails.forgot(tail);
  }

  private void dismiss(Tail tail, Follower.End why) {
    for (Audience audience : tail.audiences) {
      audience.detached = true;
      tail.count(-audience.count);
      counters.followers.add(-audience.count);
      outbox(audience).add(new LoopEvent.Gone(audience, why));
    }
    tail.audiences.clear();
    tails.recharge(tail);
  }

  private Outbox outbox(Audience audience) {
    return outboxes.computeIfAbsent(audience.loop(), loop -> new Outbox(loop, observer, nanoTime));
  }

  private void settle(long now) {
    for (Tail tail : dirty) {
      if (tail.dirty) {
        tail.dirty = false;
        hand(tail);
        tail.publish(config.ringMessages());
        tails.recharge(tail);
      }
    }
    dirty.clear();
    tails.evict();
    processed = reached;
    flush(now);
    if (now - sweepAt >= 0) {
      sweepAt = now + sweepEvery();
      tails.sweep(now, config.idleAfter().toNanos());
      if (outboxes.size() > 64) {
        outboxes.clear(); // of loops that came and went; those in use make theirs anew
      }
    }
  }

  private void flush(long now) {
    Iterator<Outbox> each = outboxes.values().iterator();
    List<Outbox> ended = new ArrayList<>(0);
    while (each.hasNext()) {
      Outbox outbox = each.next();
      if (!outbox.flush(now)) {
        each.remove();
        ended.add(outbox);
      }
    }
    for (Outbox outbox : ended) {
      disown(outbox);
    }
  }

  /** The loop ended without its followers leaving. */
  private void disown(Outbox outbox) {
    for (Tail tail : tails.all()) {
      Audience audience = tail.audience(outbox.loop());
      if (audience != null) {
        audience.detached = true;
        tail.audiences.remove(audience);
        tail.count(-audience.count);
        counters.followers.add(-audience.count);
        tails.recharge(tail);
      }
    }
  }

  private long sweepEvery() {
    return Math.max(1_000_000, config.idleAfter().toNanos() / 4);
  }

  private boolean onShard() {
    if (owner == null) {
      owner = Thread.currentThread();
    }
    return owner == Thread.currentThread();
  }
}
