package dev.parley.conversation;

import dev.parley.conversation.Decision.Refused;
import java.util.ArrayList;
import java.util.List;

/** What people may do to replies. Confined to the owner of the conversation. */
final class ReplyRules extends Rules {
  ReplyRules(Conversation conversation, ConversationLimits limits, long nowMillis) {
    super(conversation, limits, nowMillis);
  }

  Decision decide(Command.OfReply command) {
    return switch (command) {
      case Command.Request it -> request(it);
      case Command.Steer it -> steer(it);
      case Command.Stop it -> stop(it);
      case Command.ApproveTool it -> approve(it);
      case Command.DenyTool it -> deny(it);
    };
  }

  private Decision request(Command.Request it) {
    Refused refused = refuseSpeaker(it.by());
    refused = refused != null ? refused : refuseNewRun(it.ask());
    if (refused != null) {
      return refused;
    }
    Branch branch = conversation.branch(it.branch());
    if (branch == null) {
      return noBranch(it.branch());
    }
    List<Turn> turns = branch.turns();
    return ask(branch, it.by(), it.ask(), null, turns.isEmpty() ? null : turns.getLast().id());
  }

  private Decision steer(Command.Steer it) {
    Refused refused = refuseSpeaker(it.by());
    if (refused != null) {
      return refused;
    }
    Decision.Unchanged seen = conversation.seen(it.by(), it.clientMessageId());
    if (seen != null) {
      return seen;
    }
    Run run = conversation.run(it.run());
    if (run == null) {
      return noRun(it.run());
    }
    refused = refuseTurn(it.turn(), it.parts());
    if (refused != null) {
      return refused;
    }
    if (run.ended()) {
      return ended();
    }
    if (run.queued()) {
      return refuse(Refusal.RUN_STATE, "run: queued", "one that has started");
    }
    List<ConversationEvent> events = new ArrayList<>();
    say(run, it.shown(), events);
    events.add(
        turn(
            it.by(),
            new ConversationEvent.Message(it.turn(), it.ai(), it.parts(), it.clientMessageId()),
            run.id()));
    events.add(new ConversationEvent.RunSteered(run.id(), it.turn(), it.by(), now));
    return append(run.branch(), events);
  }

  /** Also in an archived conversation. A message that waits with the run is withdrawn. */
  private Decision stop(Command.Stop it) {
    Refused refused = refuseMember(it.by(), Role.WRITER);
    if (refused != null) {
      return refused;
    }
    Run run = conversation.run(it.run());
    if (run == null) {
      return noRun(it.run());
    }
    if (run.ended()) {
      return new Decision.Unchanged(null, run.id());
    }
    List<ConversationEvent> events = new ArrayList<>();
    say(run, it.shown(), events);
    events.add(new ConversationEvent.RunStopped(run.id(), it.by(), now));
    return append(run.branch(), events);
  }

  private Decision approve(Command.ApproveTool it) {
    return onCall(
        it.by(),
        it.run(),
        it.call(),
        new ConversationEvent.ToolApproved(it.run(), it.call(), it.by(), now));
  }

  private Decision deny(Command.DenyTool it) {
    return onCall(
        it.by(),
        it.run(),
        it.call(),
        new ConversationEvent.ToolDenied(it.run(), it.call(), it.by(), it.reason(), now));
  }

  private Decision onCall(String by, String runId, String call, ConversationEvent event) {
    Refused refused = refuseMember(by, Role.WRITER);
    if (refused != null) {
      return refused;
    }
    Run run = conversation.run(runId);
    if (run == null) {
      return noRun(runId);
    }
    if (run.ended()) {
      return ended();
    }
    if (!run.knows(call)) {
      return refuse(Refusal.NO_CALL, "tool call: " + Ids.quoted(call), "one of this run");
    }
    if (run.unapproved(call)) {
      return append(run.branch(), event);
    }
    return !run.settled(call) && event instanceof ConversationEvent.ToolApproved
        ? new Decision.Unchanged(null, runId)
        : refuse(Refusal.CALL_SETTLED, "tool call: " + call, "one that waits for approval");
  }
}
