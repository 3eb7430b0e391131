package dev.parley.conversation.run;

import dev.parley.conversation.Author;
import dev.parley.conversation.Branch;
import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Decision;
import dev.parley.conversation.Lease;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Run;
import dev.parley.conversation.TurnPart;
import dev.parley.stream.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One conversation at work: decides commands in their order, has what they bring stored, and its
 * replies generated. Confined to the loop of its desk.
 *
 * <p>What is decided counts at once for the next command, and is answered when it is stored. When
 * it cannot be stored the conversation is read again, and what people asked for is decided anew.
 */
final class Talk {
  private static final System.Logger LOG = System.getLogger(Talk.class.getName());
  private static final int MOST_WAITING = 1024; // commands, while it is read
  private static final int MOST_TRIES = 5; // of a command, when others write to the stream too
  private static final long AGAIN_SECONDS = 1; // after a store that could not be read or written

  /** What somebody waits for. */
  static final class Job {
    private final Command command;
    private final CompletableFuture<Answer> answer;
    private int tries;

    Job(Command command, CompletableFuture<Answer> answer) {
      this.command = command;
      this.answer = answer;
    }
  }

  private final Desk desk;
  private final String id;
  private final Records records;
  private final Replies replies;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>(); // for it to be read
  private @Nullable Conversation state; // null while it is read
  private @Nullable Throwable broken; // why it cannot be read, while those who wait are told
  private long touchedNanos;
  private boolean stopped;

  Talk(Desk desk, String id) {
    this.desk = desk;
    this.id = id;
    this.records = new Records(desk, id, this::onNotStored);
    this.replies = new Replies(desk, this);
  }

  Desk desk() {
    return desk;
  }

  String id() {
    return id;
  }

  Replies replies() {
    return replies;
  }

  void touch(long nanos) {
    touchedNanos = nanos;
  }

  boolean isIdleSince(long nanos) {
    return state != null
        && waiting.isEmpty()
        && records.isEmpty()
        && replies.isEmpty()
        && touchedNanos - nanos < 0;
  }

  // --- reading it

  void load() {
    long now = desk.now();
    Thread.ofVirtual()
        .name("parley-conversation")
        .start(() -> {
          try {
            Loaded loaded =
                Loaded.read(desk.hub(), desk.json(), desk.limits(), id, desk.owner(), now);
            desk.execute(() -> loaded(loaded));
          } catch (RuntimeException e) {
            desk.execute(() -> notLoaded(e.getCause() == null ? e : e.getCause()));
          }
        });
  }

  private void loaded(Loaded loaded) {
    if (stopped) {
      return;
    }
    Conversation read = loaded.state();
    state = read;
    for (ConversationEvent missing : read.unannounced()) {
      announce(read, missing);
    }
    replies.reconcile(read, loaded.shown());
    List.copyOf(read.branches().values()).forEach(branch -> replies.advance(read, branch));
    for (Runnable next = waiting.poll(); next != null && state != null; next = waiting.poll()) {
      next.run();
    }
    letGo();
  }

  private void notLoaded(Throwable failure) {
    LOG.log(
        System.Logger.Level.WARNING,
        "conversation {0} cannot be read: {1}",
        id,
        failure.toString());
    List<Runnable> asked = List.copyOf(waiting);
    waiting.clear();
    broken = failure;
    asked.forEach(Runnable::run);
    broken = null;
    if (replies.isEmpty()) {
      desk.forget(this);
    } else {
      desk.after(AGAIN_SECONDS, TimeUnit.SECONDS, this::load);
    }
  }

  /** Nobody can fill the memory with names of conversations that are not there. */
  private void letGo() {
    Conversation now = state;
    if (now != null && !now.exists() && records.isEmpty() && waiting.isEmpty()) {
      desk.forget(this);
    }
  }

  /** What was decided is not in the stream: the conversation is read again. */
  private void onNotStored(List<Job> lost, Throwable failure) {
    state = null;
    String taken = failure instanceof Records.Taken it ? it.run() : null;
    boolean moved = taken != null || failure instanceof Records.Moved;
    if (!moved) {
      LOG.log(
          System.Logger.Level.WARNING,
          "conversation {0} cannot be written: {1}",
          id,
          failure.toString());
    }
    for (Job job : lost) {
      if (taken != null && taken.equals(asked(job.command))) {
        job.answer.complete(
            new Answer.Refused(Refusal.RUN_EXISTS, String.valueOf(failure.getMessage())));
      } else if (moved && ++job.tries < MOST_TRIES) {
        waiting.add(() -> submit(job));
      } else {
        job.answer.completeExceptionally(failure);
      }
    }
    if (moved) {
      load();
    } else {
      desk.after(AGAIN_SECONDS, TimeUnit.SECONDS, this::load);
    }
  }

  /** The name of the run that a command asks for. */
  private static @Nullable String asked(Command command) {
    Command.Ask ask =
        switch (command) {
          case Command.Say it -> it.ask();
          case Command.Edit it -> it.ask();
          case Command.Regenerate it -> it.ask();
          case Command.Request it -> it.ask();
          default -> null;
        };
    return ask == null ? null : ask.run();
  }

  // --- what is asked of it

  void submit(Job job) {
    if (whenRead(() -> submit(job), job.answer)) {
      decide(job);
    }
  }

  /** Gives something of it, once all that was decided before is stored. */
  <T> void view(Function<Conversation, T> look, CompletableFuture<T> answer) {
    if (whenRead(() -> view(look, answer), answer)) {
      records.afterAll(() -> {
        Conversation now = state;
        if (now == null) {
          view(look, answer);
          return;
        }
        try {
          answer.complete(look.apply(now));
        } catch (RuntimeException e) {
          answer.completeExceptionally(e);
        }
        letGo();
      });
    }
  }

  /** Whether all that was decided so far is stored, as soon as that is known. */
  CompletableFuture<Boolean> stored() {
    CompletableFuture<Boolean> stored = new CompletableFuture<>();
    records.afterAll(() -> stored.complete(state != null));
    return stored;
  }

  /** Whether it is read. Else {@code again} is run when it is, or the answer fails. */
  private boolean whenRead(Runnable again, CompletableFuture<?> answer) {
    if (state != null) {
      return true;
    }
    if (broken != null) {
      answer.completeExceptionally(broken);
    } else if (waiting.size() >= MOST_WAITING) {
      answer.completeExceptionally(
          new StoreException(
              StoreException.Code.BUSY, "conversation " + id + ": too much waits for it"));
    } else {
      waiting.add(again);
    }
    return false;
  }

  /** A command of the desk's own. */
  Decision command(Command command) {
    return decide(new Job(command, new CompletableFuture<>()));
  }

  private Decision decide(Job job) {
    Conversation now = state;
    if (now == null) {
      throw new IllegalStateException("conversation " + id + ": not read yet");
    }
    Decision decision;
    List<byte[]> encoded = new ArrayList<>();
    try {
      decision = now.decide(withShown(now, job.command), desk.now());
      if (decision instanceof Decision.Accepted accepted) {
        accepted.events().forEach(event -> encoded.add(desk.json().write(event)));
      }
    } catch (IllegalArgumentException e) {
      decision = new Decision.Refused(Refusal.TURN_SIZE, String.valueOf(e.getMessage()));
    }
    switch (decision) {
      case Decision.Refused(Refusal refusal, String message) -> {
        job.answer.complete(new Answer.Refused(refusal, message));
        letGo();
      }
      case Decision.Unchanged it -> {
        Branch branch = branchOf(now, it);
        Answer done =
            new Answer.Done(
                branch == null ? Conversation.MAIN : branch.id(),
                branch == null ? 0 : branch.tail(),
                it.turn(),
                it.run());
        records.afterAll(() -> {
          if (state == null) {
            submit(job); // what it rests on was lost
          } else {
            job.answer.complete(done);
          }
        });
      }
      case Decision.Accepted it -> {
        now.apply(it);
        Answer done = done(now, it);
        records.add(
            it,
            encoded,
            replies.prepare(now, it),
            job,
            () -> {
              job.answer.complete(done);
              replies.onStored(it);
            });
        ConversationEvent announcement = it.announcement();
        if (announcement != null) {
          announce(now, announcement);
        }
        replies.onDecided(now, it);
      }
    }
    return decision;
  }

  private void announce(Conversation now, ConversationEvent announcement) {
    Branch main = now.branch(Conversation.MAIN);
    if (main == null) {
      return;
    }
    Decision.Accepted it =
        new Decision.Accepted(main.id(), main.tail(), null, List.of(announcement), null);
    now.apply(it);
    records.add(it, List.of(desk.json().write(announcement)), Map.of(), null, () -> {});
  }

  private static @Nullable Branch branchOf(Conversation state, Decision.Unchanged it) {
    Run run = it.run() == null ? null : state.run(it.run());
    if (run != null) {
      return run.branch();
    }
    String turn = it.turn();
    for (Branch branch : state.branches().values()) { // a source comes before its forks
      if (turn != null && branch.turn(turn) != null) {
        return branch;
      }
    }
    return null;
  }

  private static Answer done(Conversation state, Decision.Accepted it) {
    String turn = null;
    String run = null;
    for (ConversationEvent event : it.events()) {
      switch (event) {
        case ConversationEvent.TurnAdded added when added.author() instanceof Author.Person ->
            turn = added.turn();
        case ConversationEvent.RunRequested requested -> {
          run = requested.run();
          turn = requested.waiting() == null ? turn : requested.waiting().turn();
        }
        case ConversationEvent.RunSteered steered -> run = steered.run();
        case ConversationEvent.RunStopped stopped -> run = run == null ? stopped.run() : run;
        default -> {}
      }
    }
    Branch branch = state.branch(it.branch());
    return new Answer.Done(it.branch(), branch == null ? 0 : branch.tail(), turn, run);
  }

  // --- what replies have shown is part of the commands that interrupt them

  private Command withShown(Conversation now, Command command) {
    return switch (command) {
      case Command.Stop it -> new Command.Stop(it.by(), it.run(), replies.shown(it.run()));
      case Command.Steer it ->
          new Command.Steer(
              it.by(),
              it.run(),
              it.turn(),
              it.clientMessageId(),
              it.ai(),
              it.parts(),
              replies.shown(it.run()));
      case Command.Say it ->
          new Command.Say(
              it.by(),
              it.branch(),
              it.turn(),
              it.clientMessageId(),
              it.ai(),
              it.parts(),
              withShown(now, it.branch(), it.ask()));
      case Command.Request it -> {
        Command.Ask ask = withShown(now, it.branch(), it.ask());
        yield ask == null ? it : new Command.Request(it.by(), it.branch(), ask);
      }
      default -> command;
    };
  }

  private Command.@Nullable Ask withShown(
      Conversation now, String branchId, Command.@Nullable Ask ask) {
    if (ask == null || ask.onBusy() != OnBusy.REPLACE) {
      return ask;
    }
    Branch branch = now.branch(branchId);
    Run running = branch == null ? null : branch.running();
    List<TurnPart> shown = running == null ? List.of() : replies.shown(running.id());
    return new Command.Ask(ask.run(), ask.persona(), ask.onBusy(), shown, ask.overrides());
  }

  // --- for its replies

  /** The conversation, {@code null} while it is read again. */
  @Nullable Conversation state() {
    return state;
  }

  Lease lease() {
    return new Lease(desk.owner(), desk.now() + desk.config().lease().toMillis());
  }

  void renew() {
    Conversation now = state;
    if (now != null) {
      replies.renew(now);
    }
  }

  /** See {@link Replies#settle}. */
  void settle(String run, CompletableFuture<Boolean> done) {
    view(
        now -> {
          replies.settle(now, run);
          return true;
        },
        done);
  }

  void stop() {
    stopped = true;
    replies.stop();
  }

  /** After a deletion: nothing of it stays. */
  void deleteStreams(Conversation deleted) {
    List<String> branches = new ArrayList<>(deleted.branches().keySet());
    for (String branch : branches.reversed()) {
      var _ = desk.hub().delete(ConversationPaths.branch(id, branch));
    }
    for (String run : deleted.runs().keySet()) {
      var _ = desk.hub().delete(ConversationPaths.run(run));
    }
    desk.forget(this);
  }
}
