package dev.parley.wire.durable.subscription;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.CreateResult;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps subscriptions in streams of their own under {@code __ds/}, so whichever store keeps the
 * streams keeps them too. Confined to the owner's thread, which it enters again through {@code
 * owner}; one write of a subscription is under way at a time, and what changes meanwhile goes into
 * the next.
 */
final class Journal {
  static final String RESERVED = "__ds/";
  private static final String PREFIX = RESERVED + "subscriptions/";
  private static final StreamPath CHECKPOINT = StreamPath.of(RESERVED + "checkpoint");
  private static final String JSON = "application/json";
  private static final int RECORDS_BETWEEN_FULL = 64;
  private static final int LIST_PAGE = 256;
  private static final int READ_PAGE_BYTES = 8 << 20;
  private static final System.Logger LOG = System.getLogger(Journal.class.getName());

  private final Store store;
  private final Executor owner;
  private final int maxLinks;
  private final ToLongFunction<Entry> feedOf;
  private final Consumer<Entry> onFailure;

  /**
   * @param owner runs a task on the owner's thread, and never refuses
   * @param feedOf the change-feed position a subscription's state reflects
   * @param onFailure told of a subscription whose state could not be written
   */
  Journal(
      Store store,
      Executor owner,
      int maxLinks,
      ToLongFunction<Entry> feedOf,
      Consumer<Entry> onFailure) {
    this.store = store;
    this.owner = owner;
    this.maxLinks = maxLinks;
    this.feedOf = feedOf;
    this.onFailure = onFailure;
  }

  static StreamPath pathOf(String id) {
    return StreamPath.of(PREFIX + id);
  }

  /** Reads every subscription back. Blocks; each stands where it was written in the feed. */
  List<Entry> load() {
    long checkpoint = readCheckpoint();
    List<Entry> entries = new ArrayList<>();
    String after = "";
    while (true) {
      List<StreamInfo> page = store.list(PREFIX, after, LIST_PAGE).join();
      for (StreamInfo info : page) {
        try {
          entries.add(load(info, checkpoint));
        } catch (IllegalStateException e) {
          // The others must go on; its stream stays as it is for someone to look at.
          LOG.log(System.Logger.Level.ERROR, e.getMessage());
        }
      }
      if (page.size() < LIST_PAGE) {
        return entries;
      }
      after = page.getLast().path().value();
    }
  }

  private Entry load(StreamInfo info, long checkpoint) {
    String id = info.path().value().substring(PREFIX.length());
    List<byte[]> messages = new ArrayList<>();
    long after = 0;
    while (true) {
      Optional<Slice> slice =
          store.read(info.path(), after, RECORDS_BETWEEN_FULL, READ_PAGE_BYTES).join();
      if (slice.isEmpty() || slice.get().messages().isEmpty()) {
        break;
      }
      slice.get().messages().forEach(message -> messages.add(message.bytes()));
      after = slice.get().next();
    }
    SubscriptionRecord.Restored restored = SubscriptionRecord.decode(id, messages, maxLinks);
    Entry entry = new Entry(restored.state(), info.path());
    entry.feed = Math.max(restored.feed(), checkpoint);
    return entry;
  }

  /** Makes the stream of a new subscription, with its first record. */
  void create(Entry entry, Consumer<@Nullable Throwable> then) {
    entry.writing = true;
    byte[] record = SubscriptionRecord.encode(entry.state, feedOf.applyAsLong(entry), true);
    StreamSpec spec = new StreamSpec(JSON, -1, -1, false, null, List.of(Payload.of(record)));
    entry.waiting.add(then);
    finish(
        entry,
        store.create(entry.journal, spec),
        result -> result instanceof CreateResult.Created ? 1 : -1,
        true);
  }

  /** Writes the present state, now or after the write under way. */
  void save(Entry entry) {
    if (entry.writing || entry.deleted) {
      return; // the write under way is followed by another while anyone waits for one
    }
    entry.writing = true;
    boolean full = entry.sinceFull >= RECORDS_BETWEEN_FULL;
    byte[] record = SubscriptionRecord.encode(entry.state, feedOf.applyAsLong(entry), full);
    finish(
        entry,
        store.append(entry.journal, Append.of(record)),
        result -> result instanceof AppendResult.Appended appended ? appended.first() : -1,
        full);
  }

  private <T> void finish(
      Entry entry, CompletableFuture<T> write, ToLongFunction<T> offset, boolean full) {
    List<Runnable> effects = entry.effects;
    List<Consumer<@Nullable Throwable>> waiting = entry.waiting;
    entry.effects = new ArrayList<>();
    entry.waiting = new ArrayList<>();
    CompletableFuture<?> _ =
        write.whenComplete((result, failure) ->
            owner.execute(() -> {
              long written = failure == null ? offset.applyAsLong(result) : -1;
              Throwable why =
                  failure != null
                      ? failure
                      : written < 0
                          ? new StoreException(
                              StoreException.Code.IO, "stream " + entry.journal + ": " + result)
                          : null;
              entry.writing = false;
              if (why == null) {
                onWritten(entry, written, full);
                effects.forEach(Runnable::run);
              } else {
                entry.sinceFull = Integer.MAX_VALUE; // what it should have held is in no record yet
                entry.effects.addAll(0, effects);
                if (!entry.deleted) {
                  LOG.log(
                      System.Logger.Level.WARNING,
                      "subscription " + entry.id() + ": not written",
                      why);
                  onFailure.accept(entry);
                }
              }
              waiting.forEach(waiter -> waiter.accept(why));
              if (entry.deleted) { // there is no next write that could tell them
                entry.waiting.forEach(
                    waiter -> waiter.accept(SubscriptionDesk.missing(entry.id())));
                entry.waiting.clear();
              }
              if (why == null && !(entry.effects.isEmpty() && entry.waiting.isEmpty())) {
                save(entry);
              }
            }));
  }

  private void onWritten(Entry entry, long offset, boolean full) {
    if (!full) {
      entry.sinceFull++;
      return;
    }
    entry.sinceFull = 0;
    if (offset > 1) {
      trim(entry.journal, offset);
    }
  }

  private void trim(StreamPath path, long first) {
    CompletableFuture<?> _ =
        store
            .trim(path, first)
            .whenComplete((_, failure) -> {
              if (failure != null) { // the next full record tries again
                LOG.log(System.Logger.Level.DEBUG, "stream " + path + ": not trimmed", failure);
              }
            });
  }

  void delete(Entry entry, Consumer<@Nullable Throwable> then) {
    CompletableFuture<?> _ =
        store
            .delete(entry.journal)
            .whenComplete((_, failure) -> owner.execute(() -> then.accept(failure)));
  }

  private long readCheckpoint() {
    Optional<StreamInfo> info = store.head(CHECKPOINT).join();
    if (info.isEmpty() || info.get().tail() == 0) {
      return 0;
    }
    List<Message> newest =
        store
            .read(CHECKPOINT, info.get().tail() - 1, 1, READ_PAGE_BYTES)
            .join()
            .map(Slice::messages)
            .orElse(List.of());
    return newest.isEmpty()
        ? 0
        : Json.parseStored(newest.getLast().bytes()).path("sequence").longValue(0);
  }

  /** Notes that every stored subscription reflects the change feed up to {@code sequence}. */
  void writeCheckpoint(long sequence) {
    byte[] record =
        Json.object().put("sequence", sequence).toString().getBytes(StandardCharsets.UTF_8);
    CompletableFuture<?> _ =
        store
            .append(CHECKPOINT, Append.of(record))
            .thenCompose(result -> {
              if (result instanceof AppendResult.Appended appended) {
                return store.trim(CHECKPOINT, appended.first());
              }
              StreamSpec spec =
                  new StreamSpec(JSON, -1, -1, false, null, List.of(Payload.of(record)));
              return store
                  .create(CHECKPOINT, spec)
                  .thenApply(CreateResult.Created.class::isInstance);
            })
            .whenComplete((_, failure) -> {
              if (failure != null) { // the older checkpoint holds: more is read after a restart
                LOG.log(System.Logger.Level.DEBUG, "subscription checkpoint: not written", failure);
              }
            });
  }
}
