package dev.parley.conversation;

import dev.parley.conversation.Decision.Refused;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a run is generated, by one owner at a time. Confined to the owner of the conversation.
 *
 * <p>Archiving and changes of membership do not stop a reply; they only keep new ones from being
 * asked for.
 */
final class LeaseRules extends Rules {
  LeaseRules(Conversation conversation, ConversationLimits limits, long nowMillis) {
    super(conversation, limits, nowMillis);
  }

  Decision decide(Command.OfLease command) {
    Run run = conversation.run(command.run());
    if (run == null) {
      return noRun(command.run());
    }
    if (run.state().ended()) {
      return ended();
    }
    return switch (command) {
      case Command.Start it -> start(run, it);
      case Command.Stream it -> stream(run, it);
      case Command.CallTools it -> callTools(run, it);
      case Command.ReturnTool it -> returnTool(run, it);
      case Command.Finish it -> finish(run, it);
      case Command.Fail it -> fail(run, it);
      case Command.Renew it -> renew(run, it);
      case Command.TakeUp it -> takeUp(run, it);
    };
  }

  private Decision start(Run run, Command.Start it) {
    Branch branch = run.branch();
    if (!run.queued()) {
      return refuse(Refusal.RUN_STATE, "run: started", "one that waits");
    }
    Run running = branch.running();
    Run next = branch.waiting().getFirst();
    if (running != null || next != run) {
      return refuse(
          Refusal.NOT_NEXT,
          "run: behind " + (running != null ? running : next).id(),
          "the next of an idle branch");
    }
    PersonaRef persona = it.persona() != null ? it.persona() : conversation.personaFor(run);
    if (persona == null) {
      return refuse(Refusal.RUN_STATE, "persona: none", "one that answers");
    }
    List<ConversationEvent> events = new ArrayList<>();
    enter(run, events);
    events.add(new ConversationEvent.RunStarted(run.id(), persona, it.lease(), now));
    return append(branch, events);
  }

  private Decision stream(Run run, Command.Stream it) {
    Refused refused = refuseGenerating(run, it.owner());
    if (refused != null) {
      return refused;
    }
    return run.state() instanceof RunState.Streaming
        ? new Decision.Unchanged(null, run.id())
        : append(run.branch(), new ConversationEvent.RunStreaming(run.id(), now));
  }

  private Decision callTools(Run run, Command.CallTools it) {
    Refused refused = refuseGenerating(run, it.owner());
    if (refused != null) {
      return refused;
    }
    List<ConversationEvent> events = new ArrayList<>();
    say(run, it.said(), events);
    for (Command.ToolUse call : it.calls()) {
      if (run.knows(call.call())) {
        return refuse(Refusal.CALL_EXISTS, "tool call: " + call.call() + " is there", "a new name");
      }
      events.add(
          new ConversationEvent.ToolCalled(
              run.id(), call.call(), call.name(), call.needsApproval(), now));
    }
    return append(run.branch(), events);
  }

  private Decision returnTool(Run run, Command.ReturnTool it) {
    Refused refused = refuseOwner(run, it.owner());
    if (refused != null) {
      return refused;
    }
    if (!run.knows(it.call())) {
      return refuse(Refusal.NO_CALL, "tool call: " + Ids.quoted(it.call()), "one of this run");
    }
    if (run.settled(it.call())) {
      return refuse(Refusal.CALL_SETTLED, "tool call: " + it.call(), "one without a result");
    }
    if (run.unapproved(it.call())) {
      return refuse(Refusal.CALL_UNAPPROVED, "tool call: " + it.call(), "an approved one");
    }
    return append(
        run.branch(), new ConversationEvent.ToolReturned(run.id(), it.call(), it.json(), now));
  }

  private Decision finish(Run run, Command.Finish it) {
    Refused refused = refuseGenerating(run, it.owner());
    if (refused != null) {
      return refused;
    }
    List<ConversationEvent> events = new ArrayList<>();
    say(run, it.said(), events);
    events.add(new ConversationEvent.RunFinished(run.id(), it.reason(), it.usage(), now));
    return append(run.branch(), events);
  }

  private Decision fail(Run run, Command.Fail it) {
    Refused refused = run.queued() ? null : refuseOwner(run, it.owner());
    return refused != null ? refused : failed(run, it.said(), it.failure(), it.usage());
  }

  private Decision renew(Run run, Command.Renew it) {
    Refused refused = refuseOwner(run, it.lease().owner());
    if (refused != null) {
      return refused;
    }
    Lease held = run.lease();
    return held != null && it.lease().untilMillis() <= held.untilMillis()
        ? new Decision.Unchanged(null, run.id())
        : append(
            run.branch(),
            new ConversationEvent.RunLeased(run.id(), it.lease(), Resumption.RENEWED, now));
  }

  private Decision takeUp(Run run, Command.TakeUp it) {
    Lease held = run.lease();
    if (run.queued() || held == null) {
      return refuse(Refusal.RUN_STATE, "run: queued", "one that has started");
    }
    if (!run.ownedBy(it.lease().owner()) && held.held(now) && !it.ownerGone()) {
      return refuse(
          Refusal.LEASE_HELD, "lease: held by another", "expired in " + (held.untilMillis() - now));
    }
    if (run.waitsForTools()) {
      return takenUp(run, it.lease(), Resumption.CONTINUED);
    }
    if (run.attempts() >= limits.maxAttempts()) {
      return failed(
          run,
          it.shown(),
          it.cause() != null
              ? it.cause()
              : new RunFailure(
                  RunFailure.TOO_MANY_ATTEMPTS,
                  "The reply was begun " + run.attempts() + " times and never ended.",
                  true),
          run.estimate(it.shown()));
    }
    if (it.shown().isEmpty()) {
      return takenUp(run, it.lease(), Resumption.RESTARTED);
    }
    return it.continuable()
        ? takenUp(run, it.lease(), Resumption.CONTINUED)
        : failed(run, it.shown(), cause(it.cause()), run.estimate(it.shown()));
  }

  private static RunFailure cause(@Nullable RunFailure cause) {
    return cause != null
        ? cause
        : new RunFailure(
            RunFailure.INTERRUPTED,
            "The server was interrupted in mid-reply, and the model cannot go on from there.",
            true);
  }

  private Decision takenUp(Run run, Lease lease, Resumption how) {
    return append(run.branch(), new ConversationEvent.RunLeased(run.id(), lease, how, now));
  }

  /** A message that waits with the run is kept: it was said, though nobody answers. */
  private Decision failed(Run run, List<TurnPart> said, RunFailure failure, Usage usage) {
    List<ConversationEvent> events = new ArrayList<>();
    enter(run, events);
    say(run, said, events);
    events.add(new ConversationEvent.RunFailed(run.id(), failure, usage, now));
    return append(run.branch(), events);
  }

  private static @Nullable Refused refuseOwner(Run run, String owner) {
    if (run.queued()) {
      return refuse(Refusal.RUN_STATE, "run: queued", "one that has started");
    }
    return run.ownedBy(owner)
        ? null
        : refuse(Refusal.LEASE_LOST, "lease: another's", "one of your own");
  }

  private static @Nullable Refused refuseGenerating(Run run, String owner) {
    Refused refused = refuseOwner(run, owner);
    if (refused == null && run.waitsForTools()) {
      return refuse(Refusal.RUN_STATE, "run: waits for tools", "one that speaks");
    }
    return refused;
  }
}
