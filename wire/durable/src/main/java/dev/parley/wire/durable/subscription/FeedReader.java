package dev.parley.wire.durable.subscription;

import dev.parley.stream.Change;
import dev.parley.stream.Store;
import dev.parley.stream.StreamInfo;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Brings the store's change feed to the subscriptions, to each from where it stands. Confined to
 * the owner's thread; what the store answers enters it again through {@code owner}.
 *
 * <p>Commits arrive as they happen. After a gap or a restart, or when a subscription had no room,
 * the feed is read page by page until those who are behind have caught up: the feed is the truth.
 */
final class FeedReader {
  private static final System.Logger LOG = System.getLogger(FeedReader.class.getName());
  private static final int PAGE = 512;
  private static final int MILESTONE = 10_000;
  private static final long RETRY_MILLIS = 1_000;

  private final Store store;
  private final Executor owner;
  private final InstantSource clock;
  private final Registry registry;
  private final Heads heads;
  private final Listener listener;
  private long applied; // the last change heard of
  private boolean sweeping; // a page is asked for
  private long sweepAt = Long.MAX_VALUE; // after a failure
  private int sinceMilestone;

  /** A change with the epoch of its stream. */
  record Growth(Change change, long epoch) {}

  /** Hears what the feed has brought, on the owner's thread. */
  interface Listener {
    /** A subscription may have something pending now. */
    void onChanged(Entry entry);

    /** Many changes have passed since the last time. */
    void onMilestone();
  }

  FeedReader(
      Store store,
      Executor owner,
      InstantSource clock,
      Registry registry,
      Heads heads,
      Listener listener) {
    this.store = store;
    this.owner = owner;
    this.clock = clock;
    this.registry = registry;
    this.heads = heads;
    this.listener = listener;
  }

  /** Begins with what comes. */
  void begin() {
    applied = store.lastChange();
  }

  /** The last change heard of. */
  long applied() {
    return applied;
  }

  /** The change that the state of a subscription reflects, and all before it. */
  long reach(Entry entry) {
    return entry.feed == Entry.LIVE ? applied : entry.feed;
  }

  void onGrowth(Growth growth) {
    Change change = growth.change();
    if (change.sequence() <= applied) {
      return;
    }
    if (change.sequence() > applied + 1) {
      fallBehind();
      if (change.sequence() <= applied) {
        return; // read from the feed with the others
      }
    }
    applied = change.sequence();
    if (change.path().value().startsWith(Journal.RESERVED)) {
      return;
    }
    for (Entry entry : registry.concerned(change.path().value())) {
      if (entry.feed == Entry.LIVE) {
        apply(entry, change, growth.epoch());
        listener.onChanged(entry);
      }
    }
    if (++sinceMilestone >= MILESTONE) {
      sinceMilestone = 0;
      listener.onMilestone();
    }
  }

  private static void apply(Entry entry, Change change, long epoch) {
    if (!entry.state.links.onChange(change, epoch)) {
      entry.feed = change.sequence() - 1;
      entry.full = true;
    }
  }

  /** Changes were missed: everyone reads them. */
  void fallBehind() {
    for (Entry entry : registry.all()) {
      if (entry.feed == Entry.LIVE) {
        entry.feed = applied;
      }
    }
    applied = Math.max(applied, store.lastChange());
    sweep();
  }

  /** Streams were linked as they were at {@code since}: what came after is read. */
  void rewind(Entry entry, long since) {
    if (reach(entry) > since) {
      entry.feed = since;
      sweep();
    }
  }

  /** There is room again for a stream that had to wait. */
  void makeUp(Entry entry) {
    if (entry.full) {
      entry.full = false;
      sweep();
    }
  }

  /** Tries again what has failed, when it is time. */
  void onTick(long now) {
    if (now >= sweepAt) {
      sweepAt = Long.MAX_VALUE;
      sweep();
    }
  }

  /** Reads for those who are behind, one page at a time, so that others have their turn. */
  void sweep() {
    if (!sweeping) {
      sweeping = true;
      owner.execute(this::readPage);
    }
  }

  private void readPage() {
    long from = Long.MAX_VALUE;
    for (Entry entry : registry.all()) {
      if (isBehind(entry)) {
        from = Math.min(from, entry.feed);
      }
    }
    if (from == Long.MAX_VALUE) {
      sweeping = false;
      return;
    }
    long start = from;
    long appliedThen = applied;
    CompletableFuture<?> _ =
        store
            .changes(start, PAGE)
            .thenComposeAsync(
                page -> {
                  Set<String> unknown = unknown(page, start);
                  return heads
                      .find(unknown)
                      .thenAccept(
                          found -> onPage(new Page(page, unknown, found), start, appliedThen));
                },
                owner)
            .whenCompleteAsync((_, failure) -> onRead(failure), owner);
  }

  /**
   * A page of the feed.
   *
   * @param lookedUp paths of streams that were looked up
   * @param found those that are there
   */
  private record Page(List<Change> changes, Set<String> lookedUp, Map<String, StreamInfo> found) {}

  private static boolean isBehind(Entry entry) {
    return entry.feed != Entry.LIVE && !entry.full;
  }

  /** Streams of a page that someone does not know yet. */
  private Set<String> unknown(List<Change> page, long from) {
    Set<String> unknown = new LinkedHashSet<>();
    for (Change change : page) {
      String path = change.path().value();
      if (change.kind() == Change.Kind.DELETED || path.startsWith(Journal.RESERVED)) {
        continue;
      }
      for (Entry entry : registry.concerned(path)) {
        if (isBehind(entry) && entry.feed >= from && !knows(entry, change)) {
          unknown.add(path);
        }
      }
    }
    return unknown;
  }

  private static boolean knows(Entry entry, Change change) {
    Link link = entry.state.links.find(change.path().value());
    return link != null && link.streamId == change.streamId();
  }

  private void onPage(Page page, long start, long appliedThen) {
    List<Change> changes = page.changes();
    long last = changes.isEmpty() ? start : changes.getLast().sequence();
    // A page that is not full held everything there was when it was read.
    long reached = changes.size() < PAGE ? Math.max(appliedThen, last) : last;
    for (Entry entry : registry.all()) {
      // Who stands before the page since it was asked for needs another.
      if (isBehind(entry) && entry.feed >= start) {
        if (replay(page, entry)) {
          long at = Math.max(entry.feed, reached);
          entry.feed = at >= applied ? Entry.LIVE : at;
        }
        listener.onChanged(entry);
      }
    }
  }

  /** Whether the subscription took the whole page; else it says itself where it stands. */
  private boolean replay(Page page, Entry entry) {
    for (Change change : page.changes()) {
      String path = change.path().value();
      if (change.sequence() > applied) {
        return true; // what is newer is in the mailbox
      }
      if (change.sequence() <= entry.feed
          || path.startsWith(Journal.RESERVED)
          || !entry.state.links.concerns(change.path())) {
        continue;
      }
      Link link = entry.state.links.find(path);
      long epoch = link == null ? 0 : link.epoch;
      if (change.kind() != Change.Kind.DELETED && !knows(entry, change)) {
        if (!page.lookedUp().contains(path)) {
          entry.feed = change.sequence() - 1; // a link gave way on this page: look it up first
          return false;
        }
        StreamInfo info = page.found().get(path);
        if (info == null || info.id() != change.streamId()) {
          continue; // that stream is no more, and whatever came after it has a change of its own
        }
        epoch = info.epoch();
      }
      apply(entry, change, epoch);
      if (entry.full) {
        return false;
      }
    }
    return true;
  }

  private void onRead(@Nullable Throwable failure) {
    sweeping = false;
    if (failure == null) {
      sweep();
    } else {
      LOG.log(System.Logger.Level.WARNING, "subscriptions: change feed not read: {0}", failure);
      sweepAt = clock.millis() + RETRY_MILLIS;
    }
  }
}
