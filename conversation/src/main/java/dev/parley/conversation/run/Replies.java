package dev.parley.conversation.run;

import dev.parley.conversation.Branch;
import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Decision;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Lease;
import dev.parley.conversation.Overrides;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Resumption;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunFailure;
import dev.parley.conversation.RunState;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.Usage;
import dev.parley.conversation.budget.Asked;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Prompts;
import dev.parley.conversation.provider.Provider;
import dev.parley.stream.CreateResult;
import dev.parley.stream.Payload;
import dev.parley.stream.Slice;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one conversation, from what its events say to what is done: begins those whose turn
 * it is, ends those that are over. Confined to the loop of the conversation.
 */
final class Replies {
  private static final String JSON = "application/json";

  private final Desk desk;
  private final Talk talk;
  private final Map<String, Reply> active = new HashMap<>();
  private final Map<String, Integer> positions = new HashMap<>(); // told last, of those that wait
  private final Map<String, CompletableFuture<Boolean>> streams = new HashMap<>(); // being made
  private final Places places;
  private final ToolCalls tools;

  Replies(Desk desk, Talk talk) {
    this.desk = desk;
    this.talk = talk;
    this.places = new Places(desk, talk);
    this.tools = new ToolCalls(desk, talk, this);
  }

  boolean isEmpty() {
    return active.isEmpty() && places.isEmpty();
  }

  /** The reply that is generated here, or whose end is being written. */
  @Nullable Reply active(String run) {
    return active.get(run);
  }

  /** All that a run has shown since its last turn. */
  List<TurnPart> shown(String run) {
    Reply reply = active.get(run);
    return reply == null ? List.of() : reply.shown();
  }

  // --- what was decided

  /**
   * Before a decision is stored: a run has its stream before anybody can know of it, and the stream
   * has all words that the decision ends or interrupts.
   *
   * @return by run: whether its stream is its own; clients choose names, and another's may be taken
   */
  Map<String, CompletableFuture<Boolean>> prepare(Conversation state, Decision.Accepted decision) {
    Map<String, CompletableFuture<Boolean>> prepared = new HashMap<>(1);
    for (ConversationEvent event : decision.events()) {
      switch (event) {
        case ConversationEvent.RunRequested it -> {
          CompletableFuture<Boolean> made = open(it.run(), state.id(), decision.branch());
          streams.put(it.run(), made);
          prepared.put(it.run(), made);
        }
        case ConversationEvent.RunStopped it -> prepared.put(it.run(), written(it.run()));
        case ConversationEvent.RunSteered it -> prepared.put(it.run(), written(it.run()));
        default -> {}
      }
    }
    return prepared;
  }

  private CompletableFuture<Boolean> written(String run) {
    Reply reply = active.get(run);
    return reply == null ? CompletableFuture.completedFuture(true) : reply.written();
  }

  private CompletableFuture<Boolean> open(String run, String conversation, String branch) {
    StreamPath path = ConversationPaths.run(run);
    byte[] head = RunJson.head(run, conversation, branch);
    StreamSpec spec =
        new StreamSpec(
            JSON, desk.config().keep().toSeconds(), -1, false, null, List.of(Payload.of(head)));
    return desk.hub()
        .create(path, spec)
        .thenCompose(result ->
            result instanceof CreateResult.Created
                ? CompletableFuture.completedFuture(true)
                : desk.hub().read(path, 0, 1, 1 << 16).thenApply(first -> begins(first, head)));
  }

  /** Whether it was made for this run before, by a decision that could not be stored. */
  private static boolean begins(Optional<Slice> first, byte[] head) {
    return first.isPresent()
        && !first.get().info().closed()
        && !first.get().messages().isEmpty()
        && Arrays.equals(first.get().messages().getFirst().bytes(), head);
  }

  /** Whether the stream of a run is its own, as soon as that is known. */
  CompletableFuture<Boolean> stream(String run) {
    return streams.getOrDefault(run, CompletableFuture.completedFuture(true));
  }

  /** A decision counts from now on. */
  void onDecided(Conversation state, Decision.Accepted decision) {
    for (ConversationEvent event : decision.events()) {
      switch (event) {
        case ConversationEvent.RunStarted it -> begin(state, it.run(), List.of());
        case ConversationEvent.RunSteered it -> goOn(state, it.run());
        case ConversationEvent.RunStopped it -> halt(it.run());
        case ConversationEvent.RunFinished it -> halt(it.run());
        case ConversationEvent.RunFailed it -> halt(it.run());
        case ConversationEvent.ToolApproved it -> tools.call(state, it.run(), it.call());
        case ConversationEvent.ToolDenied it -> tools.onDenied(state, it);
        case ConversationEvent.ToolReturned it -> tools.onReturned(state, it);
        case ConversationEvent.Deleted _ -> active.values().forEach(Reply::stopGenerating);
        default -> {}
      }
    }
    tools.onCalled(state, decision);
    Branch branch = state.branch(decision.branch());
    if (branch != null) {
      advance(state, branch);
    }
  }

  /** A decision is stored: what it ended has its end. */
  void onStored(Decision.Accepted decision) {
    Conversation state = talk.state();
    if (state == null) {
      return;
    }
    for (ConversationEvent event : decision.events()) {
      switch (event) {
        case ConversationEvent.RunRequested it -> streams.remove(it.run());
        case ConversationEvent.RunStopped it -> settle(state, it.run());
        case ConversationEvent.RunFinished it -> settle(state, it.run());
        case ConversationEvent.RunFailed it -> settle(state, it.run());
        case ConversationEvent.Deleted _ -> {
          List.copyOf(active.keySet()).forEach(run -> settle(state, run));
          stop();
          active.clear();
          talk.deleteStreams(state);
        }
        default -> {}
      }
    }
  }

  // --- those that wait

  /** Begins the next run of a branch when none holds it, and tells the others where they are. */
  void advance(Conversation state, Branch branch) {
    if (branch.running() == null && !branch.waiting().isEmpty()) {
      start(state, branch.waiting().getFirst());
    }
    List<Run> waiting = branch.waiting();
    for (int i = 0; i < waiting.size(); i++) {
      String run = waiting.get(i).id();
      Integer told = positions.put(run, i + 1);
      if (told == null || told != i + 1) {
        places.tell(run, i + 1);
      }
    }
  }

  private void start(Conversation state, Run run) {
    PersonaRef wanted = state.personaFor(run);
    Persona persona = wanted == null ? null : desk.models().newest(wanted.id());
    if (persona == null) {
      fail(run.id(), "no-persona", "There is nobody of that name to answer.");
    } else if (desk.models().provider(persona) == null) {
      fail(run.id(), "no-provider", persona.name() + " has no provider here.");
    } else {
      String id = run.id();
      whenAdmitted(
          id,
          persona,
          run.request().by(),
          () -> {
            Asked asked = Asked.of(run.request().by(), persona);
            RunFailure refused = desk.models().accounts().refusal(asked, desk.now());
            if (refused != null) {
              fail(id, refused);
            } else {
              var _ = talk.command(new Command.Start(id, persona.ref(), talk.lease()));
            }
          });
    }
  }

  private void whenAdmitted(String run, Persona persona, String user, Runnable then) {
    Failure refused = places.whenAdmitted(run, desk.models().slots(persona), user, then);
    if (refused != null) {
      fail(run, RunFailure.of(refused, desk.now()));
    }
  }

  private void fail(String run, String reason, String message) {
    fail(run, new RunFailure(reason, message, false));
  }

  private void fail(String run, RunFailure failure) {
    if (talk.state() == null) {
      return; // when it is read, it is found out again
    }
    Reply reply = active.get(run);
    Usage took = reply == null ? Usage.NONE : reply.usage();
    var _ = talk.command(new Command.Fail(run, desk.owner(), shown(run), failure, took));
  }

  // --- those that are generated

  private void begin(Conversation state, String id, List<TurnPart> shown) {
    positions.remove(id);
    Reply reply = new Reply(talk, id, talk.stored());
    active.put(id, reply);
    Run run = state.run(id);
    reply.restore(shown, run == null ? Usage.NONE : run.estimate(shown));
    generate(state, reply);
  }

  /** The next turn of a run begins: it was steered, or its tools have answered. */
  void goOn(Conversation state, String id) {
    Reply reply = active.get(id);
    if (reply != null) {
      reply.stopGenerating();
      reply.turned();
      generate(state, reply);
    }
  }

  /** It waits for others, without a slot. */
  void rest(Reply reply) {
    reply.stopGenerating();
    reply.turned();
    places.release(reply.run());
  }

  private void generate(Conversation state, Reply reply) {
    Run run = state.run(reply.run());
    PersonaRef ref = run == null ? null : run.persona();
    if (run == null || ref == null || run.state() instanceof RunState.WaitingForTool) {
      return; // when the tools have answered
    }
    Persona persona = desk.models().persona(ref);
    Provider provider = persona == null ? null : desk.models().provider(persona);
    if (persona == null || provider == null) {
      desk.execute(() -> fail(reply.run(), "no-provider", "Who answered is not here any more."));
      return;
    }
    Overrides overrides = run.request().overrides();
    Persona answers = overrides == null ? persona : overrides.applied(persona);
    String user = run.request().by();
    whenAdmitted(
        reply.run(),
        persona,
        user,
        () -> {
          Conversation now = talk.state();
          if (now != null && isActive(reply)) {
            reply.say(ref, run.nextTurn());
            reply.generate(provider, Prompts.of(answers, now.prompt(run), user, reply.prefix()));
          }
        });
  }

  private void halt(String run) {
    positions.remove(run);
    places.release(run);
    Reply reply = active.get(run);
    if (reply != null) {
      reply.stopGenerating();
    }
  }

  /** The first of a reply has been shown. */
  void onStreaming(Reply reply) {
    if (talk.state() != null && isActive(reply)) {
      var _ = talk.command(new Command.Stream(reply.run(), desk.owner()));
    }
  }

  /** The model has ended a reply, or its provider has. */
  void onEnding(Reply reply) {
    Ending ending = reply.ending();
    if (talk.state() == null || !isActive(reply) || ending == null) {
      return; // reconcile() comes back to it
    }
    Command command = ending(reply, ending, reply.shown());
    if (talk.command(command) instanceof Decision.Refused(Refusal refusal, String message)
        && refusal != Refusal.RUN_ENDED
        && refusal != Refusal.LEASE_LOST) {
      reply.turned(); // what it said cannot be kept
      fail(reply.run(), new RunFailure("unfit", message, false));
    }
  }

  private Command ending(Reply reply, Ending ending, List<TurnPart> said) {
    return switch (ending) {
      case Ending.Finished(FinishReason reason, var _)
          when reason == FinishReason.TOOL_CALLS
              && !reply.calls().isEmpty()
              && !tools.areOfAsker(reply) ->
          tools.command(reply, said);
      case Ending.Finished(FinishReason reason, var _) ->
          new Command.Finish(
              reply.run(),
              desk.owner(),
              said,
              reason == FinishReason.TOOL_CALLS && reply.calls().isEmpty()
                  ? FinishReason.OTHER
                  : reason,
              reply.usage());
      case Ending.Failed(var failure) ->
          new Command.Fail(
              reply.run(), desk.owner(), said, RunFailure.of(failure, desk.now()), reply.usage());
    };
  }

  private boolean isActive(Reply reply) {
    return active.get(reply.run()) == reply;
  }

  // --- after reading it, and at the end

  /**
   * The conversation was read, at first or again: what is generated here goes on where it has a
   * right to, and what nobody generates is taken up.
   */
  void reconcile(Conversation state, Map<String, List<TurnPart>> abandoned) {
    streams.clear();
    for (Reply reply : List.copyOf(active.values())) {
      Run run = state.run(reply.run());
      Lease lease = run == null ? null : run.lease();
      if (run == null
          || lease == null
          || !lease.owner().equals(desk.owner())
          || reply.hasNoRight()) {
        reply.stopGenerating();
        active.remove(reply.run());
        places.release(reply.run());
      } else if (run.state().ended()) {
        settle(state, reply.run());
      } else {
        if (reply.isStreaming()) {
          onStreaming(reply);
        }
        reply.unconfirmed().forEach((call, json) -> tools.returned(reply, call, json));
        if (reply.isSilent()) {
          generate(state, reply); // it got its slot meanwhile
        }
        reply.tellEnding();
      }
    }
    places.releaseEnded(state);
    abandoned.forEach((run, shown) -> {
      if (!active.containsKey(run)) {
        takeUp(state, run, shown);
      }
    });
  }

  private void takeUp(Conversation state, String id, List<TurnPart> shown) {
    Run run = state.run(id);
    PersonaRef ref = run == null ? null : run.persona();
    Persona persona = ref == null ? null : desk.models().persona(ref);
    Provider provider = persona == null ? null : desk.models().provider(persona);
    Decision decision =
        talk.command(
            new Command.TakeUp(
                id,
                talk.lease(),
                true,
                shown,
                provider != null && provider.continuesFromPrefix(),
                null));
    if (!(decision instanceof Decision.Accepted accepted)) {
      return;
    }
    for (ConversationEvent event : accepted.events()) {
      if (event instanceof ConversationEvent.RunLeased leased) {
        begin(state, id, leased.how() == Resumption.CONTINUED ? shown : List.of());
        if (run != null && run.state() instanceof RunState.WaitingForTool waits) {
          waits.running().forEach(call -> tools.call(state, id, call));
        }
      }
    }
  }

  /** What an ended run still lacks: the end of its stream. */
  void settle(Conversation state, String id) {
    Run run = state.run(id);
    RunState end =
        run == null
            ? new RunState.Failed(
                new RunFailure(RunFailure.INTERRUPTED, "It was never asked for.", true))
            : run.state();
    if (end.ended()) {
      Reply reply = active.computeIfAbsent(id, _ -> new Reply(talk, id));
      reply.close(end, run);
    }
  }

  /** Its stream has ended, or is gone. */
  void onClosed(Reply reply) {
    reply.stopGenerating();
    Conversation state = talk.state();
    Run run = state == null ? null : state.run(reply.run());
    if (isActive(reply) && run != null && run.state().active()) {
      fail(reply.run(), "stream-gone", "The stream of the reply was deleted or closed.");
    }
    active.remove(reply.run(), reply);
  }

  void renew(Conversation state) {
    long half = desk.now() + desk.config().lease().toMillis() / 2;
    for (String id : List.copyOf(active.keySet())) {
      Run run = state.run(id);
      Lease lease = run == null ? null : run.lease();
      if (run != null && lease != null && !run.state().ended() && lease.untilMillis() < half) {
        var _ = talk.command(new Command.Renew(id, talk.lease()));
      }
    }
  }

  void stop() {
    active.values().forEach(Reply::stopGenerating);
    places.releaseAll();
  }
}
