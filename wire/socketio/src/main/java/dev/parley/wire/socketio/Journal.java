package dev.parley.wire.socketio;

import dev.parley.hub.Hub;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.CreateResult;
import dev.parley.stream.Message;
import dev.parley.stream.Payload;
import dev.parley.stream.Slice;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What Socket.IO keeps in streams so that clients recover: a log of the packets of each namespace,
 * and a small stream for each session. Safe on any thread.
 *
 * <p>A position is the number of a commit in the store's change feed, shifted to leave room for
 * several messages of one commit: one order for everything a client can have seen.
 */
final class Journal {
  /** Streams under it are the server's own. */
  static final String RESERVED = "__ds/socketio";

  private static final String LOGS = RESERVED + "/log/";
  private static final String SESSIONS = RESERVED + "/session/";
  private static final StreamPath ALIVE = StreamPath.of(SESSIONS + "_alive");
  private static final String ID = "id";
  private static final String JSON = "application/json";
  private static final int CHUNK = 1000;
  private static final int FEW = 16; // states of a session: most have no more
  private static final int CHUNK_BYTES = 4 << 20;
  private static final int SEQUENCE_SHIFT = 20;

  private final Hub hub;
  private final RecoveryConfig config;
  private final Values values;
  private final StreamRooms streams;
  private final long ttlSeconds;
  private final Duration touchEvery;
  private final Map<String, LocalNamespace> namespaces = new ConcurrentHashMap<>(); // by log path
  private final RecentCommits recent = new RecentCommits();
  private final CompletableFuture<Long> lookedBack = new CompletableFuture<>(); // gives the floor
  private final long forgetNanos;
  private final long startedMillis = System.currentTimeMillis();
  private final long changesBefore;
  private volatile long aliveMillis; // when the run before was last known to be there

  /**
   * @param streams hears of every commit in its turn: what goes to a socket from both is in order
   */
  Journal(Hub hub, RecoveryConfig config, Values values, StreamRooms streams) {
    this.hub = hub;
    this.config = config;
    this.values = values;
    this.streams = streams;
    long quarter = Math.max(1, config.window().toSeconds() / 4);
    this.touchEvery = Duration.ofSeconds(quarter);
    this.ttlSeconds = config.window().toSeconds() + 2 * quarter + 1;
    this.forgetNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(ttlSeconds);
    this.changesBefore = hub.store().lastChange();
    hub.onCommit(this::onCommitted);
    Thread.ofVirtual().name("parley-socketio-recent").start(this::lookBack);
  }

  RecoveryConfig config() {
    return config;
  }

  /** How often what is still in use is touched, so that it does not expire. */
  Duration touchEvery() {
    return touchEvery;
  }

  static long position(long sequence, int index) {
    return (sequence << SEQUENCE_SHIFT) + index;
  }

  /** The position of all that is committed now. */
  long now() {
    return position(hub.store().lastChange(), 0);
  }

  static StreamPath log(String namespace) {
    String name =
        namespace.equals("/") ? "_" : URLEncoder.encode(namespace, StandardCharsets.UTF_8);
    return StreamPath.of(LOGS + name);
  }

  private static StreamPath session(String pid) {
    return StreamPath.of(SESSIONS + pid);
  }

  // --- logs

  /**
   * Makes or finds the log of a namespace, and reads what is in it of the window.
   *
   * @return completes on a virtual thread
   */
  CompletableFuture<Backlog> open(LocalNamespace namespace) {
    StreamPath path = log(namespace.name());
    namespaces.put(path.value(), namespace);
    CompletableFuture<Backlog> opened = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("parley-socketio-log")
        .start(() -> {
          try {
            opened.complete(load(namespace.name(), path));
          } catch (RuntimeException e) {
            opened.completeExceptionally(e);
          }
        });
    return opened;
  }

  void forget(LocalNamespace namespace) {
    namespaces.remove(log(namespace.name()).value(), namespace);
  }

  private StreamSpec kept(List<Payload> initial) {
    return new StreamSpec(JSON, ttlSeconds, -1, false, null, initial);
  }

  private Backlog load(String namespace, StreamPath path) {
    CreateResult made = hub.create(path, kept(List.of())).join();
    if (made instanceof CreateResult.Conflict) {
      // Kept by a server with another window; what was in it is not known any more.
      hub.delete(path).join();
      hub.create(path, kept(List.of())).join();
      return new Backlog(config.maxBytes(), now());
    }
    Backlog backlog = new Backlog(config.maxBytes(), lookedBack.join());
    if (made instanceof CreateResult.Created) {
      return backlog;
    }
    List<RecentCommits.Appended> appends = recent.of(path.value());
    if (!recent.isComplete()) {
      return new Backlog(config.maxBytes(), now());
    }
    read(path, appends, (position, message) -> backlog.add(entry(namespace, position, message)));
    return backlog;
  }

  /** What an append of an earlier run of the server, or of this one, has brought to a stream. */
  interface Found {
    void onMessage(long position, Message message);
  }

  private void read(StreamPath path, List<RecentCommits.Appended> appends, Found found) {
    for (RecentCommits.Appended append : appends) {
      long after = append.first() - 1;
      while (after < append.last()) {
        Optional<Slice> read =
            hub.read(path, after, (int) Math.min(CHUNK, append.last() - after), CHUNK_BYTES).join();
        if (read.isEmpty() || read.get().messages().isEmpty()) {
          break;
        }
        for (Message message : read.get().messages()) {
          int index = (int) (message.offset() - append.first());
          found.onMessage(position(append.sequence(), index), message);
        }
        after = read.get().next();
      }
    }
  }

  /**
   * Reads what came to a stream within the window; false when that is not known any more. Blocks.
   */
  boolean readRecent(StreamPath path, Found found) {
    var _ = lookedBack.join();
    List<RecentCommits.Appended> appends = recent.of(path.value());
    if (!recent.isComplete()) {
      return false;
    }
    read(path, appends, found);
    return true;
  }

  /** Notes that this run is still there, so that the next knows when it ended. */
  void alive() {
    byte[] now = Long.toString(System.currentTimeMillis()).getBytes(StandardCharsets.US_ASCII);
    var _ =
        hub.append(ALIVE, Append.of(now))
            .thenCompose(result ->
                result instanceof AppendResult.Missing
                    ? hub.create(ALIVE, StreamSpec.of(JSON)).thenApply(_ -> true)
                    : CompletableFuture.completedFuture(true))
            .exceptionally(_ -> false); // a store that fails is heard of elsewhere
  }

  /** After a while nobody comes back from an earlier run. */
  void forgetOld(long nowNanos) {
    if (nowNanos - forgetNanos > 0) {
      recent.drop();
    }
  }

  private Backlog.Entry entry(String namespace, long position, Message message) {
    LogRecord record = LogRecord.decode(values, message.bytes());
    var event = Dispatch.event(values, namespace, record.payload());
    return new Backlog.Entry(
        position,
        message.timestamp(),
        record.rooms(),
        record.excepted(),
        Delivery.kept(event, true, position));
  }

  /** Finds the commits of the window: a search by time, then one pass. */
  private void lookBack() {
    try {
      List<Change> newest = hub.store().changes(Math.max(0, changesBefore - 1), 1).join();
      aliveMillis = newest.isEmpty() ? startedMillis : newest.getFirst().timestamp();
      long from = System.currentTimeMillis() - config.window().toMillis();
      long low = 0; // everything up to it is older
      long high = hub.store().lastChange();
      while (low < high) {
        long middle = (low + high + 1) >>> 1;
        List<Change> one = hub.store().changes(middle - 1, 1).join();
        if (!one.isEmpty() && one.getFirst().timestamp() < from) {
          low = middle;
        } else {
          high = middle - 1;
        }
      }
      long after = low;
      while (true) {
        List<Change> some = hub.store().changes(after, CHUNK).join();
        some.stream().filter(change -> !isSession(change)).forEach(recent::add);
        if (some.size() < CHUNK) {
          break;
        }
        after = some.getLast().sequence();
      }
      lookedBack.complete(position(low, 0));
    } catch (RuntimeException e) {
      lookedBack.completeExceptionally(e);
    }
  }

  private static boolean isSession(Change change) {
    return change.path().value().startsWith(SESSIONS);
  }

  /** Keeps a packet; its namespace hears of the commit, or the future fails. */
  CompletableFuture<AppendResult> append(LocalNamespace namespace, long id, LogRecord record) {
    return hub.append(
        log(namespace.name()),
        new Append(
            List.of(new Payload(record.encode(values), Map.of(ID, Long.toString(id, 36)), null)),
            null,
            null,
            null,
            -1,
            false));
  }

  /** On the store's commit thread. */
  private void onCommitted(List<Commit> commits) {
    for (Commit commit : commits) {
      Change change = commit.change();
      if (!isSession(change)) {
        recent.add(change);
      }
      if (change.kind() == Change.Kind.APPENDED && change.path().value().startsWith(LOGS)) {
        LocalNamespace namespace = namespaces.get(change.path().value());
        String id = commit.messages().getFirst().headers().get(ID);
        if (namespace != null && id != null) {
          namespace
              .dispatch()
              .onStored(Long.parseLong(id, 36), position(change.sequence(), 0), change.timestamp());
        }
      }
      streams.onCommitted(commit);
    }
  }

  // --- sessions

  /** Keeps a session for the first time. */
  CompletableFuture<?> create(String pid, SavedSession session) {
    try {
      return hub.create(session(pid), kept(List.of(Payload.of(session.encode(values)))));
    } catch (RuntimeException e) { // a value was changed to what is no JSON
      return CompletableFuture.failedFuture(e);
    }
  }

  CompletableFuture<?> save(String pid, SavedSession session) {
    try {
      return hub.append(session(pid), Append.of(session.encode(values)));
    } catch (RuntimeException e) { // as above
      return CompletableFuture.failedFuture(e);
    }
  }

  void touch(LocalNamespace namespace) {
    hub.store().touch(log(namespace.name()));
  }

  void touch(String pid) {
    hub.store().touch(session(pid));
  }

  CompletableFuture<?> delete(String pid) {
    return hub.delete(session(pid));
  }

  /** What is kept of a session; {@code null} when there is nothing, or its time is over. */
  CompletableFuture<@Nullable SavedSession> find(String pid) {
    StreamPath path;
    try {
      path = session(pid);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(null);
    }
    return lookedBack
        .handle((_, _) -> true)
        .thenCompose(_ -> hub.read(path, 0, FEW, CHUNK_BYTES))
        .thenCompose(read ->
            read.isEmpty() || read.get().upToDate()
                ? CompletableFuture.completedFuture(read)
                : hub.read(path, read.get().info().tail() - 1, 1, CHUNK_BYTES))
        .thenApply(read -> {
          if (read.isEmpty() || read.get().messages().isEmpty()) {
            return null;
          }
          Message state = read.get().messages().getLast();
          SavedSession found = SavedSession.decode(values, state.bytes());
          return isOver(found, state.timestamp()) ? null : found;
        });
  }

  /**
   * When a session of an earlier run was left is not known, but when that run was last heard of.
   */
  private boolean isOver(SavedSession session, long savedMillis) {
    long gone = session.goneMillis();
    if (gone == 0 && savedMillis < startedMillis) {
      gone = Math.max(savedMillis, aliveMillis) + touchEvery.toMillis();
    }
    return gone > 0 && System.currentTimeMillis() - gone > config.window().toMillis();
  }

  static boolean isPid(String pid) {
    return pid.length() == 2 * SocketIoServer.ID_CHARACTERS
        && pid.chars()
            .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_'));
  }

  static String reason(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause instanceof StoreException store
        ? store.code() + ": " + store.getMessage()
        : cause.toString();
  }
}
