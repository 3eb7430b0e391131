package dev.parley.conversation.run;

import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationLimits;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.EventJson;
import dev.parley.hub.Hub;
import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * All conversations of a server: takes commands, answers questions, and has replies generated. Safe
 * on any thread; nothing blocks. Answers complete on the loop of their conversation.
 */
public final class Conversations implements AutoCloseable {
  private static final int PAGE = 1000;
  private static final int STOP_SECONDS = 5;

  private final Hub hub;
  private final List<Desk> desks = new ArrayList<>();
  private final String owner = UUID.randomUUID().toString(); // this life of this process

  /**
   * Begins to work.
   *
   * @param loops each a single thread; conversations are spread over them
   */
  public Conversations(
      Hub hub,
      List<? extends ScheduledExecutorService> loops,
      RunConfig config,
      ConversationLimits limits,
      Models models,
      ToolBackend tools,
      InstantSource clock) {
    this.hub = hub;
    EventJson json = new EventJson();
    for (ScheduledExecutorService loop : loops) {
      Desk desk = new Desk(loop, hub, config, limits, models, tools, json, clock, owner);
      desk.start();
      desks.add(desk);
    }
  }

  private Desk desk(String conversation) {
    int hash = conversation.hashCode();
    return desks.get(Math.floorMod(hash ^ (hash >>> 16), desks.size()));
  }

  /**
   * Decides a command and has it stored. What replies have shown is filled in.
   *
   * @return fails with {@link dev.parley.stream.StoreException} when it cannot be stored or read
   */
  public CompletableFuture<Answer> submit(String conversation, Command command) {
    CompletableFuture<Answer> answer = new CompletableFuture<>();
    Desk desk = desk(conversation);
    desk.run(() -> desk.talk(conversation).submit(new Talk.Job(command, answer)));
    return answer;
  }

  /**
   * Gives something of a conversation as it is stored; one that is not there does not {@link
   * Conversation#exists}.
   *
   * @param look on the conversation's loop; must not block, nor let the conversation out
   */
  public <T> CompletableFuture<T> view(String conversation, Function<Conversation, T> look) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Desk desk = desk(conversation);
    desk.run(() -> desk.talk(conversation).view(look, answer));
    return answer;
  }

  /**
   * Hands in what a tool answered whose backend left it {@link ToolOutcome.Pending}, or would have
   * answered later: the first result of a call counts.
   *
   * @param json for the model
   */
  public CompletableFuture<Answer> returnTool(RunPlace run, String call, String json) {
    return submit(run.conversation(), new Command.ReturnTool(run.run(), owner, call, json));
  }

  /** Where a run belongs. */
  public record RunPlace(String run, String conversation, String branch) {}

  /** Where a run belongs; empty when there is none, or its stream has expired. */
  public CompletableFuture<Optional<RunPlace>> find(String run) {
    StreamPath path;
    try {
      path = ConversationPaths.run(run);
    } catch (IllegalArgumentException e) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return hub.read(path, 0, 1, 1 << 16).thenApply(slice -> slice.map(Conversations::place));
  }

  private static @Nullable RunPlace place(Slice slice) {
    if (slice.messages().isEmpty()) {
      return null;
    }
    try {
      JsonNode head = RunJson.read(slice.messages().getFirst().bytes());
      return head.path("run").isString()
              && head.path("conversation").isString()
              && head.path("branch").isString()
          ? new RunPlace(
              head.path("run").stringValue(),
              head.path("conversation").stringValue(),
              head.path("branch").stringValue())
          : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  /**
   * Takes up what an earlier life of the server left: runs whose streams have no end.
   *
   * @return how many there were, once each has been looked at
   */
  public CompletableFuture<Integer> recover() {
    CompletableFuture<Integer> found = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("parley-recovery")
        .start(() -> {
          try {
            found.complete(recoverAll());
          } catch (RuntimeException e) {
            found.completeExceptionally(e);
          }
        });
    return found;
  }

  private int recoverAll() {
    List<CompletableFuture<?>> looked = new ArrayList<>();
    String after = "";
    List<StreamInfo> page;
    do {
      page = hub.store().list(ConversationPaths.RUNS, after, PAGE).join();
      for (StreamInfo info : page) {
        if (!info.closed()) {
          String run = info.path().value().substring(ConversationPaths.RUNS.length());
          looked.add(
              find(run).thenCompose(place -> place.isEmpty() ? nothing() : settle(place.get())));
        }
      }
      after = page.isEmpty() ? "" : page.getLast().path().value();
    } while (page.size() == PAGE);
    CompletableFuture.allOf(looked.toArray(CompletableFuture[]::new)).join();
    return looked.size();
  }

  private static CompletableFuture<Boolean> nothing() {
    return CompletableFuture.completedFuture(false);
  }

  private CompletableFuture<Boolean> settle(RunPlace place) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Desk desk = desk(place.conversation());
    desk.run(() -> desk.talk(place.conversation()).settle(place.run(), done));
    return done;
  }

  /** How many conversations are in memory. */
  public CompletableFuture<Integer> open() {
    CompletableFuture<Integer> sum = CompletableFuture.completedFuture(0);
    for (Desk desk : desks) {
      CompletableFuture<Integer> one = new CompletableFuture<>();
      desk.run(() -> one.complete(desk.open()));
      sum = sum.thenCombine(one, Integer::sum);
    }
    return sum;
  }

  /** Ends what is generated here, in mid-word: the next life of the server goes on with it. */
  @Override
  public void close() {
    List<CompletableFuture<Boolean>> stopped = new ArrayList<>();
    for (Desk desk : desks) {
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      stopped.add(done);
      desk.run(() -> {
        desk.stop();
        done.complete(true);
      });
    }
    var _ =
        CompletableFuture.allOf(stopped.toArray(CompletableFuture[]::new))
            .completeOnTimeout(null, STOP_SECONDS, TimeUnit.SECONDS)
            .join();
  }
}
