package dev.parley.conversation.run;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationList;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.EventJson;
import dev.parley.hub.Hub;
import dev.parley.stream.Change;
import dev.parley.stream.Commit;
import dev.parley.stream.Message;
import dev.parley.stream.Slice;
import dev.parley.stream.Store;
import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The conversations of each person, kept up to date: a {@link ConversationList} that one thread
 * makes of all streams of conversations at the start, and from then on of what they grow by. Its
 * public methods are for any thread.
 *
 * <p>A commit leaves no more than the name of its stream, and that only for conversations: most
 * commits are words of replies, which nobody has to look at. When there are too many names, or one
 * has not been heard of, they are read from the store's change feed, so however far it falls behind
 * it loses nothing.
 */
public final class ConversationIndex implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ConversationIndex.class.getName());
  private static final int PAGE = 1000;
  private static final int PAGE_BYTES = 1 << 20;
  private static final int MOST_WAITING = 10_000; // who asked, while it catches up
  private static final int MOST_GROWN = 10_000; // names of streams
  private static final Duration AGAIN = Duration.ofSeconds(1); // after a store that failed
  private static final Duration STOP = Duration.ofSeconds(5);

  /** How far a branch has been read. */
  private record Position(long streamId, long offset) {}

  /** Who asked, and the change that the answer must not be older than. */
  private record Question(
      String person,
      boolean archived,
      long notBefore,
      CompletableFuture<List<ConversationList.Line>> answer) {}

  private final Store store;
  private final EventJson json = new EventJson();
  private final List<BiConsumer<String, String>> onLeft = new CopyOnWriteArrayList<>();
  private final Semaphore signal = new Semaphore(0);
  private final ArrayDeque<Question> questions = new ArrayDeque<>(); // guarded by itself
  private final Set<String> grown = new LinkedHashSet<>(); // not read since; guarded by itself
  private long heardFrom; // the first change heard of since, 0 for none; guarded by grown
  private long heardTo; // and the last; guarded by grown
  private final Thread thread;
  private volatile boolean closed;

  // Confined to the thread.
  private final Map<String, Map<String, Position>> read = new HashMap<>(); // conversation, branch
  private ConversationList list = new ConversationList();
  private long applied = -1; // the last change that it has, -1 before the first reading

  private ConversationIndex(Hub hub) {
    this.store = hub.store();
    this.thread = Thread.ofPlatform().daemon().name("parley-index").unstarted(this::run);
    hub.onCommit(this::onCommitted);
  }

  /** Begins to read. */
  public static ConversationIndex open(Hub hub) {
    ConversationIndex index = new ConversationIndex(hub);
    index.thread.start();
    return index;
  }

  /**
   * Names one who hears of a conversation and a person who has left it, on the index's thread, also
   * of those who left long ago; must not block.
   */
  public void onLeft(BiConsumer<String, String> listener) {
    onLeft.add(listener);
  }

  /**
   * The conversations of a person, the last active first, with everything in them that was stored
   * before the question.
   *
   * @param archived whether those that are archived are asked for, or the others
   * @return fails with {@link StoreException} when too many ask at once, or it is closed
   */
  public CompletableFuture<List<ConversationList.Line>> of(String person, boolean archived) {
    var question = new Question(person, archived, store.lastChange(), new CompletableFuture<>());
    StoreException refused = null;
    synchronized (questions) {
      if (closed) {
        refused = new StoreException(StoreException.Code.STOPPED, "the index is closed");
      } else if (questions.size() >= MOST_WAITING) {
        refused = new StoreException(StoreException.Code.BUSY, "too many ask for conversations");
      } else {
        questions.add(question);
      }
    }
    if (refused != null) {
      question.answer().completeExceptionally(refused);
    }
    wake();
    return question.answer();
  }

  /** On the store's commit thread. */
  private void onCommitted(List<Commit> commits) {
    boolean concerned = false;
    synchronized (grown) {
      for (Commit commit : commits) {
        long sequence = commit.change().sequence();
        if (heardFrom == 0) {
          heardFrom = sequence;
        }
        String path = commit.change().path().value();
        if (path.startsWith(ConversationPaths.PREFIX)) {
          concerned = true;
          if (grown.size() < MOST_GROWN) {
            grown.add(path);
          } else {
            heardFrom = Long.MAX_VALUE; // the feed has them
          }
        }
        heardTo = sequence;
      }
    }
    if (concerned) {
      wake();
    }
  }

  private void wake() {
    if (signal.availablePermits() == 0) {
      signal.release();
    }
  }

  // --- its thread

  private void run() {
    while (!closed) {
      try {
        if (applied < 0) {
          readAll();
        }
        readGrown();
        while (isAsked() && readChanges()) {}
        answer();
        signal.acquire();
        signal.drainPermits();
      } catch (InterruptedException e) {
        return; // it is closed
      } catch (RuntimeException e) {
        if (!closed) {
          LOG.log(System.Logger.Level.WARNING, "conversations cannot be listed: {0}", e.toString());
          pause();
        }
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether somebody waits for changes that it does not have. */
  private boolean isAsked() {
    synchronized (questions) {
      Question next = questions.peek();
      return next != null && next.notBefore() > applied;
    }
  }

  private void answer() {
    while (true) {
      Question next;
      synchronized (questions) {
        next = questions.peek();
        if (next == null || next.notBefore() > applied) {
          return;
        }
        questions.remove();
      }
      next.answer().complete(list.of(next.person(), next.archived()));
    }
  }

  private void readAll() {
    long before = store.lastChange(); // what comes while it reads is read again, to no effect
    read.clear();
    list = new ConversationList();
    String after = "";
    List<StreamInfo> page;
    do {
      page = store.list(ConversationPaths.PREFIX, after, PAGE).join();
      page.forEach(info -> readOn(info.path().value()));
      after = page.isEmpty() ? "" : page.getLast().path().value();
    } while (page.size() == PAGE && !closed);
    applied = before;
  }

  /** Takes in what was heard of. */
  private void readGrown() {
    List<String> paths;
    long from;
    long to;
    synchronized (grown) {
      paths = List.copyOf(grown);
      from = heardFrom;
      to = heardTo;
      grown.clear();
      heardFrom = 0;
    }
    if (from != 0 && from <= applied + 1) {
      paths.forEach(this::readOn);
      applied = Math.max(applied, to);
    }
    while (applied < to && readChanges()) {} // names were lost: too many, or the store failed
  }

  /**
   * Takes in a page of the feed.
   *
   * @return whether there was one
   */
  private boolean readChanges() {
    List<Change> page = store.changes(applied, PAGE).join();
    if (page.isEmpty()) {
      return false;
    }
    if (page.getFirst().sequence() > applied + 1) {
      applied = -1; // the feed no longer has what is missing
      readAll();
      return true;
    }
    Set<String> grown = new LinkedHashSet<>();
    for (Change change : page) {
      String path = change.path().value();
      if (path.startsWith(ConversationPaths.PREFIX)) {
        grown.add(path);
      }
    }
    grown.forEach(this::readOn);
    applied = page.getLast().sequence();
    return true;
  }

  /** Reads what a stream has more than was read of it. */
  private void readOn(String path) {
    int start = ConversationPaths.PREFIX.length();
    int slash = path.indexOf('/', start);
    if (slash < 0 || path.indexOf('/', slash + 1) >= 0) {
      return; // no branch of a conversation
    }
    String conversation = path.substring(start, slash);
    String branch = path.substring(slash + 1);
    if (!branch.equals(Conversation.MAIN)) {
      if (position(conversation, Conversation.MAIN) == null) {
        readOn(path.substring(0, slash + 1) + Conversation.MAIN);
      }
      if (position(conversation, Conversation.MAIN) == null) {
        return; // what is left of one that was deleted
      }
    }
    StreamPath stream = StreamPath.of(path);
    Optional<StreamInfo> info = store.head(stream).join();
    if (info.isEmpty() || info.get().deleted()) {
      forget(conversation, branch);
      return;
    }
    Position position = position(conversation, branch);
    if (position != null && position.streamId() != info.get().id()) {
      forget(conversation, branch);
      position = null;
    }
    var fork = info.get().fork();
    long from = position != null ? position.offset() : fork == null ? 0 : fork.offset();
    read(conversation, branch, info.get(), from);
  }

  private void read(String conversation, String branch, StreamInfo stream, long after) {
    long from = after;
    while (true) {
      Optional<Slice> slice = store.read(stream.path(), from, PAGE, PAGE_BYTES).join();
      if (slice.isEmpty() || slice.get().info().id() != stream.id()) {
        forget(conversation, branch); // it is gone since; of what took its place the feed tells
        return;
      }
      for (Message message : slice.get().messages()) {
        apply(conversation, branch, message);
      }
      from = slice.get().next();
      read.computeIfAbsent(conversation, _ -> new HashMap<>())
          .put(branch, new Position(stream.id(), from));
      if (slice.get().upToDate()) {
        return;
      }
    }
  }

  private void apply(String conversation, String branch, Message message) {
    ConversationEvent event;
    try {
      event = json.read(message.bytes());
    } catch (IllegalArgumentException e) {
      return; // somebody with the right to append wrote what is no event
    }
    list.apply(conversation, branch, message.offset(), event);
    if (event instanceof ConversationEvent.MemberLeft left && branch.equals(Conversation.MAIN)) {
      onLeft.forEach(listener -> listener.accept(conversation, left.person()));
    }
  }

  private @Nullable Position position(String conversation, String branch) {
    return read.getOrDefault(conversation, Map.of()).get(branch);
  }

  private void forget(String conversation, String branch) {
    if (branch.equals(Conversation.MAIN)) {
      read.remove(conversation);
      list.forget(conversation);
    } else if (read.containsKey(conversation)) {
      read.getOrDefault(conversation, Map.of()).remove(branch);
    }
  }

  @Override
  public void close() {
    List<Question> left;
    synchronized (questions) {
      closed = true;
      left = new ArrayList<>(questions);
      questions.clear();
    }
    thread.interrupt();
    left.forEach(question ->
        question
            .answer()
            .completeExceptionally(
                new StoreException(StoreException.Code.STOPPED, "the index is closed")));
    try {
      var _ = thread.join(STOP);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
