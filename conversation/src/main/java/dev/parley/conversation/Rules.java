package dev.parley.conversation;

import dev.parley.conversation.Decision.Accepted;
import dev.parley.conversation.Decision.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the rules of all commands have in common: one command against one state at one time.
 * Confined to the owner of the conversation.
 */
abstract sealed class Rules permits ConversationRules, LeaseRules, ReplyRules, TurnRules {
  final Conversation conversation;
  final ConversationLimits limits;
  final long now;

  Rules(Conversation conversation, ConversationLimits limits, long nowMillis) {
    this.conversation = conversation;
    this.limits = limits;
    this.now = nowMillis;
  }

  static Refused refuse(Refusal refusal, String found, String expected) {
    return new Refused(refusal, found + " (expected: " + expected + ")");
  }

  static Accepted append(Branch branch, List<? extends ConversationEvent> events) {
    return new Accepted(branch.id(), branch.tail(), null, List.copyOf(events), null);
  }

  static Accepted append(Branch branch, ConversationEvent event) {
    return append(branch, List.of(event));
  }

  /** Why a person may not do what takes {@code role}; {@code null} when they may. */
  final @Nullable Refused refuseMember(String by, Role role) {
    Role has = conversation.members().get(by);
    if (!conversation.exists() || has == null) {
      return refuse(
          Refusal.NO_CONVERSATION, "conversation: none for you", "one that you are a member of");
    }
    if (conversation.deletedBy() != null) {
      return refuse(Refusal.DELETED, "conversation: deleted", "one that is there");
    }
    return has.includes(role)
        ? null
        : refuse(Refusal.FORBIDDEN, "role: " + name(has), name(role) + " or more");
  }

  /** Why a person may not speak here now. */
  final @Nullable Refused refuseSpeaker(String by) {
    Refused refused = refuseMember(by, Role.WRITER);
    if (refused == null && conversation.archived()) {
      return refuse(Refusal.ARCHIVED, "conversation: archived", "one that is not; restore it");
    }
    return refused;
  }

  final @Nullable Refused refuseTurn(String turn, List<TurnPart> parts) {
    if (conversation.hasTurn(turn)) {
      return refuse(Refusal.TURN_EXISTS, "turn: " + turn + " is there", "a new name");
    }
    if (parts.isEmpty() || parts.size() > limits.maxParts()) {
      return refuse(Refusal.TURN_SIZE, "parts: " + parts.size(), "1 to " + limits.maxParts());
    }
    long bytes = TurnPart.size(parts);
    return bytes <= limits.maxTurnBytes()
        ? null
        : refuse(Refusal.TURN_SIZE, "turn: " + bytes + " bytes", "<= " + limits.maxTurnBytes());
  }

  final @Nullable Refused refuseNewRun(Command.@Nullable Ask ask) {
    return ask != null && conversation.run(ask.run()) != null
        ? refuse(Refusal.RUN_EXISTS, "run: " + ask.run() + " is there", "a new name")
        : null;
  }

  static Refused noBranch(String branch) {
    return refuse(Refusal.NO_BRANCH, "branch: " + Ids.quoted(branch), "one of this conversation");
  }

  static Refused noRun(String run) {
    return refuse(Refusal.NO_RUN, "run: " + Ids.quoted(run), "one of this conversation");
  }

  static Refused ended() {
    return refuse(Refusal.RUN_ENDED, "run: over", "one that is not");
  }

  /**
   * Asks for a reply.
   *
   * @param message said with it, or {@code null}
   * @param answers the turn to be answered when nothing is said
   */
  final Decision ask(
      Branch branch,
      String by,
      Command.Ask ask,
      ConversationEvent.@Nullable Message message,
      @Nullable String answers) {
    Run before = branch.running();
    if (before == null && !branch.waiting().isEmpty()) {
      before = branch.waiting().getFirst();
    }
    List<ConversationEvent> events = new ArrayList<>();
    if (before != null) {
      switch (ask.onBusy()) {
        case REJECT -> {
          return refuse(Refusal.RUN_ACTIVE, "run: " + before.id(), "none in this branch");
        }
        case QUEUE -> {
          if (branch.waiting().size() >= limits.maxQueue()) {
            return refuse(
                Refusal.QUEUE_FULL, "queue: full", "< " + limits.maxQueue() + " runs that wait");
          }
          return append(
              branch,
              new ConversationEvent.RunRequested(
                  ask.run(),
                  by,
                  message == null ? answers : message.turn(),
                  ask.persona(),
                  message,
                  false,
                  ask.overrides(),
                  now));
        }
        case REPLACE -> {
          enter(before, events);
          say(before, ask.shown(), events);
          events.add(new ConversationEvent.RunStopped(before.id(), by, now));
        }
      }
    }
    if (message != null) {
      events.add(turn(by, message, null));
    }
    events.add(
        new ConversationEvent.RunRequested(
            ask.run(),
            by,
            message == null ? answers : message.turn(),
            ask.persona(),
            null,
            before != null,
            ask.overrides(),
            now));
    return append(branch, events);
  }

  final ConversationEvent.TurnAdded turn(
      String by, ConversationEvent.Message message, @Nullable String run) {
    return new ConversationEvent.TurnAdded(
        message.turn(),
        new Author.Person(by),
        message.ai(),
        message.parts(),
        run,
        message.clientMessageId(),
        now);
  }

  /** The message that a run waits with becomes a turn. */
  final void enter(Run run, List<ConversationEvent> events) {
    ConversationEvent.Message message = run.request().waiting();
    if (run.queued() && message != null) {
      events.add(turn(run.request().by(), message, null));
    }
  }

  /** What a run has said becomes a turn. */
  final void say(Run run, List<TurnPart> said, List<ConversationEvent> events) {
    PersonaRef persona = run.persona();
    if (persona != null && !said.isEmpty()) {
      events.add(
          new ConversationEvent.TurnAdded(
              run.nextTurn(), new Author.OfPersona(persona), true, said, run.id(), null, now));
    }
  }

  static String name(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }
}
