package dev.parley.stream;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Where streams live, and the only one to assign offsets. Every method may be called on any thread
 * and returns at once; results complete on the store's threads, so whoever continues must not block
 * there. Futures fail with {@link StoreException} only. Messages of expired streams are never
 * returned: a stream whose time has come is deleted before it is looked at, softly when it has
 * forks.
 *
 * <p>Each store passes {@code StoreContract}, published in this module's test jar.
 */
public interface Store extends AutoCloseable {
  /**
   * Creates a stream, or a fork without copying its source, atomically with its first messages. A
   * fork has its source's epoch, and its content type and expiry when the spec names none; it is
   * open though its source be closed, and knows nothing of its source's producers. A path whose
   * stream is soft-deleted is a conflict.
   */
  CompletableFuture<CreateResult> create(StreamPath path, StreamSpec spec);

  /**
   * Appends atomically. Appends to one stream take effect in the order of the calls of one thread.
   */
  CompletableFuture<AppendResult> append(StreamPath path, Append append);

  /** State of a stream; soft-deleted ones are returned with {@link StreamInfo#deleted()}. */
  CompletableFuture<Optional<StreamInfo>> head(StreamPath path);

  /**
   * Reads forward from {@code after} (0 for the beginning), through inherited messages into own
   * ones. At least one message is returned when there is one, however large. Soft-deleted streams
   * are empty here.
   *
   * @param maxMessages at least 1
   * @param maxBytes stops before the message that would pass it
   */
  CompletableFuture<Optional<Slice>> read(
      StreamPath path, long after, int maxMessages, int maxBytes);

  /**
   * The last offset whose message is not younger than {@code time}; 0 if all are younger. No scan.
   */
  CompletableFuture<Optional<Long>> offsetAt(StreamPath path, Instant time);

  /** Restarts a sliding time to live, as every append does. Cheap to call on every read. */
  void touch(StreamPath path);

  /** Deletes a stream; with the last fork of a soft-deleted source goes the source. */
  CompletableFuture<DeleteResult> delete(StreamPath path);

  /**
   * Drops all messages before {@code first}; those a fork inherits stay readable to it. False if
   * there is no stream, or only a soft-deleted one.
   */
  CompletableFuture<Boolean> trim(StreamPath path, long first);

  /**
   * Streams in path order ({@link StreamPath#compare}) that start with {@code prefix}, after {@code
   * after} (empty: from the first). Without soft-deleted ones.
   */
  CompletableFuture<List<StreamInfo>> list(String prefix, String after, int limit);

  /**
   * The change feed after {@code sequence}, in order and without gaps, at most {@code limit}
   * entries.
   */
  CompletableFuture<List<Change>> changes(long sequence, int limit);

  /** The newest entry of the change feed, 0 when there is none. */
  long lastChange();

  /**
   * Names the one who hears of every commit, in feed order, on the store's commit thread, after it
   * became durable as its policy says and before its future completes. Set once, before the first
   * write.
   */
  void onCommit(CommitListener listener);

  /** Called with the commits of one group; must not block. */
  interface CommitListener {
    void onCommitted(List<Commit> commits);
  }

  /** Finishes what was accepted, syncs, and lets go of the data. */
  @Override
  void close();
}
