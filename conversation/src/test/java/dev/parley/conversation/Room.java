package dev.parley.conversation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command.Ask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A conversation of Ada (owner) with its streams, which a test drives. */
final class Room {
  static final PersonaRef GUIDE = new PersonaRef("guide", 1);
  static final PersonaRef CRITIC = new PersonaRef("critic", 3);

  final Conversation state = new Conversation(ConversationLimits.DEFAULT);
  final Map<String, List<Stored>> streams = new LinkedHashMap<>();
  final List<Stored> all = new ArrayList<>();
  long now = 1_000;

  record Stored(String branch, long offset, ConversationEvent event) {}

  Room() {
    accept(new Command.Create("room", "ada", "Plans", GUIDE));
  }

  Decision decide(Command command) {
    return state.decide(command, now);
  }

  Decision.Accepted accept(Command command) {
    Decision decision = decide(command);
    assertThat(decision).isInstanceOf(Decision.Accepted.class);
    store((Decision.Accepted) decision);
    return (Decision.Accepted) decision;
  }

  Refusal refused(Command command) {
    Decision decision = decide(command);
    assertThat(decision).isInstanceOf(Decision.Refused.class);
    return ((Decision.Refused) decision).refusal();
  }

  void store(Decision.Accepted accepted) {
    long offset = accepted.tail();
    for (ConversationEvent event : accepted.events()) {
      keep(accepted.branch(), ++offset, event);
    }
    state.apply(accepted);
    if (accepted.announcement() != null) {
      long tail = main().tail();
      keep(Conversation.MAIN, tail + 1, accepted.announcement());
      state.apply(Conversation.MAIN, tail + 1, accepted.announcement());
    }
  }

  private void keep(String branch, long offset, ConversationEvent event) {
    Stored stored = new Stored(branch, offset, event);
    streams.computeIfAbsent(branch, _ -> new ArrayList<>()).add(stored);
    all.add(stored);
  }

  Run run(String run) {
    return requireNonNull(state.run(run));
  }

  Branch main() {
    return branch(Conversation.MAIN);
  }

  Branch branch(String branch) {
    return requireNonNull(state.branch(branch));
  }

  List<String> said(String branch) {
    return branch(branch).turns().stream().map(Turn::text).toList();
  }

  /** Ada says something and wants a reply. */
  static Command.Say ask(String turn, String run) {
    return say("ada", turn, new Ask(run));
  }

  static Command.Say say(String by, String turn, @Nullable Ask ask) {
    return new Command.Say(
        by, Conversation.MAIN, turn, by + "-" + turn, false, text("about " + turn), ask);
  }

  static Command.Start start(String run) {
    return new Command.Start(run, null, new Lease("node", 10_000));
  }

  static Command.Finish finish(String run) {
    return new Command.Finish(
        run, "node", text("reply of " + run), FinishReason.STOP, new Usage(10, 5, 3));
  }

  /** Asks for a reply that has begun to show. */
  void streaming(String turn, String run) {
    accept(ask(turn, run));
    accept(start(run));
    accept(new Command.Stream(run, "node"));
  }

  static List<TurnPart> text(String text) {
    return List.of(new TurnPart.Text(text));
  }
}
