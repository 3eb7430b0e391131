package dev.parley.conversation;

import dev.parley.conversation.Decision.Accepted;
import dev.parley.conversation.Decision.Fork;
import dev.parley.conversation.Decision.Refused;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is said, and where it branches. Confined to the owner of the conversation. */
final class TurnRules extends Rules {
  TurnRules(Conversation conversation, ConversationLimits limits, long nowMillis) {
    super(conversation, limits, nowMillis);
  }

  Decision decide(Command.OfTurns command) {
    return switch (command) {
      case Command.Say it -> say(it);
      case Command.Edit it -> edit(it);
      case Command.Regenerate it -> regenerate(it);
      case Command.Recount it -> recount(it);
      case Command.SwitchPersona it -> switchPersona(it);
      case Command.MarkRead it -> markRead(it);
    };
  }

  private Decision say(Command.Say it) {
    Refused refused = refuseSpeaker(it.by());
    if (refused != null) {
      return refused;
    }
    Decision.Unchanged seen = conversation.seen(it.by(), it.clientMessageId());
    if (seen != null) {
      return seen;
    }
    Branch branch = conversation.branch(it.branch());
    if (branch == null) {
      return noBranch(it.branch());
    }
    refused = refuseTurn(it.turn(), it.parts());
    refused = refused != null ? refused : refuseNewRun(it.ask());
    if (refused != null) {
      return refused;
    }
    var message =
        new ConversationEvent.Message(it.turn(), it.ai(), it.parts(), it.clientMessageId());
    return it.ask() == null
        ? append(branch, turn(it.by(), message, null))
        : ask(branch, it.by(), it.ask(), message, null);
  }

  private Decision edit(Command.Edit it) {
    Refused refused = refuseSpeaker(it.by());
    if (refused != null) {
      return refused;
    }
    Decision.Unchanged seen = conversation.seen(it.by(), it.clientMessageId());
    if (seen != null) {
      return seen;
    }
    refused = refuseTurn(it.turn(), it.parts());
    if (refused != null) {
      return refused;
    }
    List<ConversationEvent> events = new ArrayList<>();
    events.add(
        turn(
            it.by(),
            new ConversationEvent.Message(it.turn(), it.ai(), it.parts(), it.clientMessageId()),
            null));
    if (it.ask() != null) {
      events.add(request(it.by(), it.ask(), it.turn()));
    }
    return branchOff(it.by(), it.source(), it.replaces(), it.branch(), it.ask(), events);
  }

  private Decision regenerate(Command.Regenerate it) {
    Refused refused = refuseSpeaker(it.by());
    if (refused != null) {
      return refused;
    }
    Branch source = conversation.branch(it.source());
    Turn before = null;
    if (source != null) {
      for (Turn turn : source.turns()) {
        if (turn.id().equals(it.replaces())) {
          break;
        }
        before = turn;
      }
    }
    return branchOff(
        it.by(),
        it.source(),
        it.replaces(),
        it.branch(),
        it.ask(),
        List.of(request(it.by(), it.ask(), before == null ? null : before.id())));
  }

  private Decision branchOff(
      String by,
      String sourceId,
      String replaces,
      String branch,
      Command.@Nullable Ask ask,
      List<ConversationEvent> events) {
    Branch source = conversation.branch(sourceId);
    if (source == null) {
      return noBranch(sourceId);
    }
    Turn turn = source.turn(replaces);
    if (turn == null) {
      return refuse(Refusal.NO_TURN, "turn: " + Ids.quoted(replaces), "one of this branch");
    }
    boolean says = events.getFirst() instanceof ConversationEvent.TurnAdded;
    if (says ? !turn.author().is(by) : !(turn.author() instanceof Author.OfPersona)) {
      return refuse(
          Refusal.NOT_THAT_TURN,
          "turn: " + replaces + ", another's",
          says ? "one of your own" : "a persona's");
    }
    if (conversation.branch(branch) != null) {
      return refuse(Refusal.BRANCH_EXISTS, "branch: " + branch + " is there", "a new name");
    }
    if (conversation.branches().size() >= limits.maxBranches()) {
      return refuse(
          Refusal.TOO_MANY_BRANCHES,
          "branches: " + conversation.branches().size(),
          "< " + limits.maxBranches());
    }
    Refused refused = refuseNewRun(ask);
    if (refused != null) {
      return refused;
    }
    long offset = turn.offset() - 1;
    Branch owner = ownerOf(source, turn.offset());
    List<ConversationEvent> all = new ArrayList<>();
    all.add(new ConversationEvent.BranchedOff(owner.id(), offset, replaces, by, now));
    all.addAll(events);
    return new Accepted(
        branch,
        offset,
        new Fork(owner.id(), offset),
        all,
        new ConversationEvent.BranchAdded(branch, owner.id(), offset, by, now));
  }

  /** The branch whose own event stands at an offset that {@code branch} may only share. */
  private Branch ownerOf(Branch branch, long offset) {
    Branch owner = branch;
    for (var origin = owner.origin();
        origin != null && offset <= origin.offset();
        origin = owner.origin()) {
      Branch source = conversation.branch(origin.source());
      if (source == null) {
        return owner;
      }
      owner = source;
    }
    return owner;
  }

  private ConversationEvent.RunRequested request(
      String by, Command.Ask ask, @Nullable String answers) {
    return new ConversationEvent.RunRequested(
        ask.run(), by, answers, ask.persona(), null, false, ask.overrides(), now);
  }

  private Decision recount(Command.Recount it) {
    Refused refused = refuseSpeaker(it.by());
    if (refused != null) {
      return refused;
    }
    Branch branch = conversation.branch(it.branch());
    if (branch == null) {
      return noBranch(it.branch());
    }
    List<ConversationEvent> events = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Command.Told told : it.turns()) {
      refused = refuseTold(it.by(), told);
      if (refused != null) {
        return refused;
      }
      if (!names.add(told.turn())) {
        return refuse(Refusal.TURN_EXISTS, "turn: " + told.turn() + " twice", "a new name");
      }
      boolean ai = told.author() instanceof Author.OfPersona;
      events.add(
          new ConversationEvent.TurnAdded(
              told.turn(), told.author(), ai, told.parts(), told.run(), null, now));
    }
    return events.isEmpty() ? new Decision.Unchanged(null, null) : append(branch, events);
  }

  /** Nobody puts words into another's mouth where a third could hear them. */
  private @Nullable Refused refuseTold(String by, Command.Told told) {
    Run run = told.run() == null ? null : conversation.run(told.run());
    if (run != null && !run.ended()) {
      return refuse(Refusal.RUN_STATE, "run: " + run.id() + " goes on", "one that is over");
    }
    boolean own =
        switch (told.author()) {
          case Author.Person person -> person.is(by);
          case Author.OfPersona _ -> conversation.members().size() == 1;
          case Author.Tool _ ->
              conversation.members().size() == 1 || (run != null && run.request().by().equals(by));
        };
    return own
        ? refuseTurn(told.turn(), told.parts())
        : refuse(Refusal.NOT_THAT_TURN, "turn: " + told.turn() + ", another's", "your own");
  }

  private Decision switchPersona(Command.SwitchPersona it) {
    Refused refused = refuseSpeaker(it.by());
    if (refused != null) {
      return refused;
    }
    Branch branch = conversation.branch(it.branch());
    if (branch == null) {
      return noBranch(it.branch());
    }
    return it.persona().equals(branch.persona())
        ? new Decision.Unchanged(null, null)
        : append(branch, new ConversationEvent.PersonaSwitched(it.persona(), it.by(), now));
  }

  private Decision markRead(Command.MarkRead it) {
    Refused refused = refuseMember(it.by(), Role.READER);
    if (refused != null) {
      return refused;
    }
    Branch branch = conversation.branch(it.branch());
    if (branch == null) {
      return noBranch(it.branch());
    }
    if (it.offset() < 0 || it.offset() > branch.tail()) {
      return refuse(Refusal.OFFSET, "offset: " + it.offset(), "0 to " + branch.tail());
    }
    return it.offset() <= branch.readUpTo(it.by())
        ? new Decision.Unchanged(null, null)
        : append(branch, new ConversationEvent.ReadUpTo(it.by(), it.offset(), now));
  }
}
