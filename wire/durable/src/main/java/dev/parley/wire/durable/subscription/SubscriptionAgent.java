package dev.parley.wire.durable.subscription;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Commit;
import dev.parley.stream.Store;
import dev.parley.stream.StreamPath;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The thread {@code parley-subscriptions}, which owns every subscription: it follows the change
 * feed, issues wakes, runs leases and retries, and answers requests in the order they come. Others
 * reach it by {@link #submit} and {@link #onCommitted}; once it has read what was stored, it waits
 * for nothing: what the store answers comes by {@link #later}.
 */
final class SubscriptionAgent implements Courier.Listener, FeedReader.Listener, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SubscriptionAgent.class.getName());
  private static final long IDLE_MILLIS = 1_000;
  private static final long REWRITE_MILLIS = 1_000;

  private final Store store;
  private final SubscriptionConfig config;
  private final InstantSource clock;
  private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final AtomicInteger commands = new AtomicInteger(); // of the mailbox, bounded
  private final AtomicInteger changes = new AtomicInteger(); // likewise
  private final Thread thread;
  private final WebhookClient client;
  private final Secrets secrets;
  private volatile boolean watching; // whether anyone cares for commits
  private volatile boolean missed; // a commit found no room
  private volatile boolean stopping;

  // Confined to the thread.
  private final Journal journal;
  private final Courier courier;
  private final Registry registry = new Registry();
  private final Heads heads;
  private final FeedReader feed;
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at));

  private record Timer(long at, Entry entry) {}

  SubscriptionAgent(
      Store store,
      BiFunction<StreamPath, Append, CompletableFuture<AppendResult>> append,
      SubscriptionConfig config,
      Secrets secrets,
      InstantSource clock) {
    this.store = store;
    this.config = config;
    this.clock = clock;
    this.secrets = secrets;
    this.client = new WebhookClient(config.allowPrivate());
    this.heads = new Heads(store, this::later);
    this.feed = new FeedReader(store, this::later, clock, registry, heads, this);
    this.journal =
        new Journal(store, this::later, config.maxStreams(), feed::reach, this::onWriteFailed);
    this.courier = new Courier(config, client, append, secrets, clock, this::later, this);
    this.thread = Thread.ofPlatform().daemon().name("parley-subscriptions").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  // ---- from other threads -------------------------------------------------------------------

  /** Runs a command on the owner's thread; false when the mailbox is full or the agent stops. */
  boolean submit(Runnable command) {
    if (stopping || commands.incrementAndGet() > config.mailbox()) {
      commands.decrementAndGet();
      return false;
    }
    mailbox.add(() -> {
      commands.decrementAndGet();
      command.run();
    });
    return true;
  }

  /**
   * Brings an answer of the store or of a receiver back; there are never more than operations under
   * way.
   */
  void later(Runnable answer) {
    mailbox.add(answer);
  }

  /** On the store's commit thread. */
  void onCommitted(List<Commit> commits) {
    if (!watching) {
      return;
    }
    int count = commits.size();
    if (changes.addAndGet(count) > config.mailbox()) {
      changes.addAndGet(-count);
      missed = true;
      return;
    }
    List<FeedReader.Growth> growths =
        new ArrayList<>(count); // without the messages, which may be large
    for (Commit commit : commits) {
      growths.add(new FeedReader.Growth(commit.change(), commit.info().epoch()));
    }
    mailbox.add(() -> {
      changes.addAndGet(-count);
      growths.forEach(feed::onGrowth);
    });
  }

  @Override
  public void close() {
    stopping = true;
    mailbox.add(() -> {});
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }

  // ---- duty cycle ---------------------------------------------------------------------------

  private void run() {
    restore();
    while (!stopping) {
      Runnable next = null;
      try {
        next = mailbox.poll(untilNextTimer(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        stopping = true;
      }
      if (next != null) {
        guarded(next);
      }
      if (missed) {
        missed = false;
        guarded(feed::fallBehind);
      }
      guarded(this::fireTimers);
    }
    watching = false;
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "subscriptions", e);
    }
  }

  /** Waits for the store: before the subscriptions are known there is nothing else to do. */
  private void restore() {
    while (!stopping) {
      try {
        List<Entry> entries = journal.load();
        watching = !entries.isEmpty();
        feed.begin();
        for (Entry entry : entries) {
          registry.add(entry);
          entry.state.onRestored(clock.millis());
          resume(entry);
        }
        feed.sweep();
        return;
      } catch (CompletionException e) {
        LOG.log(System.Logger.Level.WARNING, "subscriptions: not read yet, trying again", e);
        try {
          TimeUnit.MILLISECONDS.sleep(REWRITE_MILLIS);
        } catch (InterruptedException interrupted) {
          stopping = true;
        }
      }
    }
  }

  private void resume(Entry entry) {
    Wake wake = entry.state.wake();
    if (wake != null && entry.state.deadline() == Long.MAX_VALUE) {
      courier.deliver(entry, wake); // nobody knows whether it ever left: the same wake again
    }
    arm(entry);
  }

  private long untilNextTimer() {
    Timer next = timers.peek();
    return next == null ? IDLE_MILLIS : Math.clamp(next.at() - clock.millis(), 0, IDLE_MILLIS);
  }

  private void fireTimers() {
    long now = clock.millis();
    feed.onTick(now);
    while (!timers.isEmpty() && timers.peek().at() <= now) {
      Entry entry = timers.remove().entry();
      entry.armedAt = Long.MAX_VALUE;
      if (!entry.deleted) {
        onTimer(entry, now);
      }
    }
  }

  private void onTimer(Entry entry, long now) {
    if (!entry.writing && entry.sinceFull == Integer.MAX_VALUE) {
      journal.save(entry);
    }
    if (entry.delivering == null) { // else its answer comes within the lease, and decides
      switch (entry.state.due(now)) {
        case NOTHING -> {}
        case RETRY -> {
          Wake wake = entry.state.wake();
          if (wake != null) {
            entry.state.onDelivering(now);
            courier.deliver(entry, wake);
          }
        }
        case EXPIRED -> settle(entry, true);
      }
      arm(entry);
    }
  }

  /** Sees to it that the entry's next deadline is noticed. */
  void arm(Entry entry) {
    armAt(entry, entry.state.deadline());
  }

  private void armAt(Entry entry, long at) {
    if (at < entry.armedAt) {
      entry.armedAt = at;
      timers.add(new Timer(at, entry));
    }
  }

  private void onWriteFailed(Entry entry) {
    armAt(entry, clock.millis() + REWRITE_MILLIS);
  }

  // ---- the change feed ----------------------------------------------------------------------

  /** Begins to hear of commits, if not yet. */
  void watch() {
    if (!watching) {
      watching = true;
      feed.begin();
    }
  }

  @Override
  public void onChanged(Entry entry) {
    settle(entry, false);
  }

  /** Writes what is not written, then notes how far all of it reaches. */
  @Override
  public void onMilestone() {
    long reach = feed.applied();
    List<Entry> dirty = new ArrayList<>();
    for (Entry entry : registry.all()) {
      reach = Math.min(reach, feed.reach(entry));
      if (entry.writing || entry.state.links.hasDirty()) {
        dirty.add(entry);
      }
    }
    long sequence = reach;
    if (dirty.isEmpty()) {
      journal.writeCheckpoint(sequence);
      return;
    }
    int[] left = {dirty.size()};
    boolean[] failed = {false};
    for (Entry entry : dirty) {
      whenDurable(
          entry,
          failure -> {
            failed[0] |= failure != null;
            if (--left[0] == 0 && !failed[0]) {
              journal.writeCheckpoint(sequence);
            }
          });
    }
  }

  // ---- wakes --------------------------------------------------------------------------------

  static String newWakeId() {
    return "w_" + UUID.randomUUID().toString().replace("-", "");
  }

  /**
   * Issues the next wake when one is due, and delivers it once it is durable.
   *
   * @param changed whether the state is to be written even without a wake
   */
  void settle(Entry entry, boolean changed) {
    if (entry.deleted) {
      return;
    }
    if (changed) {
      feed.makeUp(entry);
    }
    if (issueNext(entry) || changed) {
      journal.save(entry);
    }
  }

  /**
   * Issues the next wake when one is due, to be delivered once the state is durable, which is up to
   * the caller.
   */
  boolean issueNext(Entry entry) {
    assert Thread.currentThread() == thread;
    Wake wake = entry.state.wakeIfPending(newWakeId());
    if (wake != null) {
      entry.effects.add(() -> courier.deliver(entry, wake));
    }
    return wake != null;
  }

  /** Writes the state and tells {@code then} when it is durable, or why it is not. */
  void whenDurable(Entry entry, Consumer<@Nullable Throwable> then) {
    entry.waiting.add(then);
    journal.save(entry);
  }

  @Override
  public void onTaken(Entry entry, Wake wake, boolean done) {
    boolean failed = entry.state.failing();
    if (entry.state.onDelivered(wake, done) instanceof SubscriptionState.Outcome.Applied applied
        && (applied.ended() || failed)) {
      settle(entry, true);
    }
    arm(entry);
  }

  @Override
  public void onAnnounced(Entry entry, Wake wake) {
    boolean failed = entry.state.failing();
    entry.state.onAnnounced(wake);
    settle(entry, failed);
    arm(entry);
  }

  @Override
  public void onFailed(Entry entry, Wake wake, String reason) {
    double random = ThreadLocalRandom.current().nextDouble();
    if (entry.state.onFailed(wake, clock.millis(), random)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "subscription {0}: attempt {1} failed: {2}",
          entry.id(),
          entry.state.attempts(),
          reason);
      settle(entry, true);
    }
    arm(entry);
  }

  // ---- for requests -------------------------------------------------------------------------

  Registry registry() {
    return registry;
  }

  Journal journal() {
    return journal;
  }

  Secrets secrets() {
    return secrets;
  }

  Store store() {
    return store;
  }

  InstantSource clock() {
    return clock;
  }

  Heads heads() {
    return heads;
  }

  FeedReader feed() {
    return feed;
  }

  SubscriptionConfig config() {
    return config;
  }
}
