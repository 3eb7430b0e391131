package dev.parley.conversation.run;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Decision;
import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.CreateResult;
import dev.parley.stream.Payload;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What has been decided in one conversation on its way to its streams: in order, one write at a
 * time; what is decided meanwhile for the same branch is written together. Confined to the loop of
 * the conversation.
 */
final class Records {
  private static final String JSON = "application/json";

  /** Somebody else has written to the stream. */
  static final class Moved extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Moved(String message) {
      super(message, null, false, false);
    }
  }

  /** The name of a run is another conversation's. */
  static final class Taken extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final String run;

    Taken(String run) {
      super("run: " + run + " is there (expected: a new name)", null, false, false);
      this.run = run;
    }

    String run() {
      return run;
    }
  }

  /** Hears of what could not be stored. */
  interface Loss {
    /**
     * All that waited is lost, too.
     *
     * @param failure {@link Moved}, {@link Taken}, or what the store said
     */
    void onNotStored(List<Talk.Job> jobs, Throwable failure);
  }

  /** One write, of one decision or more. */
  private static final class Entry {
    final String branch;
    final long tail;
    final Decision.@Nullable Fork fork;
    final List<Payload> events = new ArrayList<>(2);
    final Map<String, CompletableFuture<Boolean>> runs = new HashMap<>(1);
    final List<Talk.Job> jobs = new ArrayList<>(1);
    final List<Runnable> then = new ArrayList<>(1); // when it is stored
    final List<Runnable> after = new ArrayList<>(0); // in any case

    Entry(String branch, long tail, Decision.@Nullable Fork fork) {
      this.branch = branch;
      this.tail = tail;
      this.fork = fork;
    }
  }

  private final Desk desk;
  private final String conversation;
  private final Loss loss;
  private final ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private @Nullable Entry writing;

  Records(Desk desk, String conversation, Loss loss) {
    this.desk = desk;
    this.conversation = conversation;
    this.loss = loss;
  }

  boolean isEmpty() {
    return writing == null && waiting.isEmpty();
  }

  /**
   * Stores a decision.
   *
   * @param runs whose streams have to be there first, and their own
   * @param job to be decided anew when it cannot be stored, or {@code null}
   * @param then is run when it is stored
   */
  void add(
      Decision.Accepted decision,
      List<byte[]> events,
      Map<String, CompletableFuture<Boolean>> runs,
      Talk.@Nullable Job job,
      Runnable then) {
    Entry last = waiting.peekLast();
    if (last == null || !last.branch.equals(decision.branch()) || decision.fork() != null) {
      last = new Entry(decision.branch(), decision.tail(), decision.fork());
      waiting.add(last);
    }
    for (byte[] event : events) {
      last.events.add(Payload.of(event));
    }
    last.runs.putAll(runs);
    if (job != null) {
      last.jobs.add(job);
    }
    last.then.add(then);
    desk.execute(this::next); // behind what else is decided now
  }

  /** Runs when all that was added so far is stored, or lost. */
  void afterAll(Runnable then) {
    Entry last = waiting.isEmpty() ? writing : waiting.peekLast();
    if (last == null) {
      then.run();
    } else {
      last.after.add(then);
    }
  }

  private void next() {
    Entry entry = writing == null ? waiting.poll() : null;
    if (entry == null) {
      return;
    }
    writing = entry;
    CompletableFuture<?> stored;
    try {
      CompletableFuture<?> ready = CompletableFuture.completedFuture(null);
      for (Map.Entry<String, CompletableFuture<Boolean>> run : entry.runs.entrySet()) {
        ready = ready.thenCombine(run.getValue(), (_, own) -> requireOwn(run.getKey(), own));
      }
      stored = ready.thenCompose(_ -> store(entry));
    } catch (RuntimeException e) {
      stored = CompletableFuture.failedFuture(e);
    }
    var _ =
        stored.whenComplete((_, failure) ->
            desk.execute(() -> {
              if (failure == null) {
                stored();
              } else {
                lost(failure.getCause() == null ? failure : failure.getCause());
              }
            }));
  }

  private static boolean requireOwn(String run, boolean own) {
    if (!own) {
      throw new Taken(run);
    }
    return true;
  }

  private CompletableFuture<?> store(Entry entry) {
    StreamPath path = ConversationPaths.branch(conversation, entry.branch);
    Decision.Fork fork = entry.fork;
    if (fork != null) {
      StreamSpec.Fork from = ConversationPaths.fork(conversation, fork);
      return desk.hub()
          .create(path, new StreamSpec(null, -1, -1, false, from, entry.events))
          .thenAccept(result -> require(result instanceof CreateResult.Created, path, result));
    }
    if (entry.tail == 0 && entry.branch.equals(Conversation.MAIN)) {
      return desk.hub()
          .create(path, new StreamSpec(JSON, -1, -1, false, null, entry.events))
          .thenAccept(result -> require(result instanceof CreateResult.Created, path, result));
    }
    return desk.hub()
        .append(path, new Append(entry.events, null, null, null, entry.tail, false))
        .thenAccept(result -> require(result instanceof AppendResult.Appended, path, result));
  }

  private static void require(boolean holds, StreamPath path, Object result) {
    if (!holds) {
      throw new Moved(path + ": " + result);
    }
  }

  private void stored() {
    Entry done = writing;
    writing = null;
    if (done != null) {
      done.then.forEach(Runnable::run);
      done.after.forEach(Runnable::run);
    }
    next();
  }

  private void lost(Throwable failure) {
    List<Entry> entries = new ArrayList<>();
    if (writing != null) {
      entries.add(writing);
    }
    entries.addAll(waiting);
    writing = null;
    waiting.clear();
    List<Talk.Job> jobs = new ArrayList<>();
    entries.forEach(entry -> jobs.addAll(entry.jobs));
    loss.onNotStored(jobs, failure);
    entries.forEach(entry -> entry.after.forEach(Runnable::run));
  }
}
