package dev.parley.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command.Ask;
import dev.parley.conversation.Command.ToolUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random commands, most of them sensible; jqwik prints the seed of a failure. */
final class ReplayTest {
  private static final List<String> PEOPLE = List.of("ada", "bob", "cy", "eve");
  private static final int COMMANDS = 150;

  @Property(tries = 200)
  void aReplayGivesTheSameStateAndEveryRunOneEnd(@ForAll long seed) {
    Random random = new Random(seed);
    Room room = new Room();
    Map<String, RunState> ends = new HashMap<>();
    for (int i = 0; i < COMMANDS; i++) {
      room.now += random.nextInt(500);
      String before = describe(room.state);
      if (room.decide(command(random, room, i)) instanceof Decision.Accepted accepted) {
        assertThat(describe(room.state)).as("deciding changes nothing").isEqualTo(before);
        room.store(accepted);
        requireInvariants(room.state, ends);
      }
    }
    String live = describe(room.state);

    Conversation inOrder = new Conversation(ConversationLimits.DEFAULT);
    room.all.forEach(stored -> inOrder.apply(stored.branch(), stored.offset(), stored.event()));
    assertThat(describe(inOrder)).isEqualTo(live);

    Conversation byBranch = new Conversation(ConversationLimits.DEFAULT);
    EventJson json = new EventJson();
    room.streams
        .values()
        .forEach(stream ->
            stream.forEach(stored ->
                byBranch.apply(
                    stored.branch(), stored.offset(), json.read(json.write(stored.event())))));
    assertThat(describe(byBranch)).as("branch by branch, through JSON").isEqualTo(live);

    room.all.forEach(stored -> byBranch.apply(stored.branch(), stored.offset(), stored.event()));
    assertThat(describe(byBranch)).as("everything twice").isEqualTo(live);
  }

  private static void requireInvariants(Conversation state, Map<String, RunState> ends) {
    Map<String, Integer> active = new HashMap<>();
    for (Run run : state.runs().values()) {
      RunState is = run.state();
      if (is.active()) {
        assertThat(active.merge(run.branch().id(), 1, Integer::sum)).isEqualTo(1);
        assertThat(run.branch().running()).isSameAs(run);
      }
      if (is instanceof RunState.Queued(int position)) {
        assertThat(run.branch().waiting().get(position - 1)).isSameAs(run);
      }
      if (is.ended()) {
        assertThat(ends.computeIfAbsent(run.id(), _ -> is)).isEqualTo(is);
      } else {
        assertThat(ends).doesNotContainKey(run.id());
      }
    }
    for (Branch branch : state.branches().values()) {
      assertThat(branch.turns()).extracting(Turn::id).doesNotHaveDuplicates();
      assertThat(branch.turns()).extracting(Turn::offset).isSorted();
    }
  }

  private static Command command(Random random, Room room, int i) {
    String by = PEOPLE.get(Math.max(0, random.nextInt(6) - 2));
    String branch = pick(random, room.state.branches().keySet());
    String run = pick(random, room.state.runs().keySet());
    List<Turn> turns = room.branch(branch).turns();
    String turn = turns.isEmpty() ? "none" : turns.get(random.nextInt(turns.size())).id();
    String owner = random.nextInt(8) == 0 ? "other" : "node";
    List<TurnPart> shown = random.nextBoolean() ? List.of() : Room.text("part " + i);
    OnBusy onBusy = any(random, List.of(OnBusy.values()));
    Ask ask = new Ask("r" + i, random.nextInt(4) == 0 ? Room.CRITIC : null, onBusy, shown);
    String message = random.nextInt(10) == 0 ? "m1" : "m" + i;
    Lease lease = new Lease(owner, room.now + random.nextInt(3_000));
    String call = "c" + random.nextInt(4);
    List<TurnPart> said = Room.text("said " + i);
    return switch (random.nextInt(26)) {
      case 0 -> new Command.Rename(by, "title " + i);
      case 1 -> random.nextInt(3) == 0 ? new Command.Archive(by) : new Command.Restore(by);
      case 2 -> new Command.Restore(by);
      case 3 -> random.nextInt(30) == 0 ? new Command.Delete(by) : new Command.Restore(by);
      case 4, 5 ->
          new Command.AddMember(
              by, PEOPLE.get(random.nextInt(4)), any(random, List.of(Role.values())));
      case 6 -> new Command.RemoveMember(by, PEOPLE.get(random.nextInt(4)));
      case 7 -> new Command.Say(by, branch, "t" + i, message, false, said, null);
      case 8, 9, 10 -> new Command.Say(by, branch, "t" + i, message, false, said, ask);
      case 11 ->
          new Command.Edit(
              by, branch, turn, "b" + i, "t" + i, message, false, said, i % 2 == 0 ? ask : null);
      case 12 -> new Command.Regenerate(by, branch, turn, "b" + i, ask);
      case 13 -> new Command.SwitchPersona(by, branch, i % 2 == 0 ? Room.CRITIC : Room.GUIDE);
      case 14 -> new Command.MarkRead(by, branch, random.nextInt(60));
      case 15 -> new Command.Request(by, branch, ask);
      case 16 -> new Command.Steer(by, run, "t" + i, message, false, said, shown);
      case 17 -> new Command.Stop(by, run, shown);
      case 18, 19 -> new Command.Start(next(room, branch, run), null, lease);
      case 20 -> new Command.Stream(current(room, branch, run), owner);
      case 21 ->
          new Command.CallTools(
              current(room, branch, run),
              owner,
              List.of(new TurnPart.ToolCall(call, "weather", "{}")),
              List.of(new ToolUse(call, "weather", random.nextBoolean())));
      case 22 -> new Command.ReturnTool(current(room, branch, run), owner, call, "{}");
      case 23 ->
          random.nextBoolean()
              ? new Command.ApproveTool(by, current(room, branch, run), call)
              : new Command.DenyTool(by, current(room, branch, run), call, "no");
      case 24 ->
          random.nextInt(3) == 0
              ? new Command.Fail(
                  run, owner, shown, new RunFailure("upstream", "Broken.", true), Usage.NONE)
              : new Command.Finish(
                  current(room, branch, run), owner, said, FinishReason.STOP, Usage.NONE);
      default ->
          random.nextBoolean()
              ? new Command.Renew(current(room, branch, run), lease)
              : new Command.TakeUp(
                  current(room, branch, run),
                  lease,
                  random.nextBoolean(),
                  shown,
                  random.nextBoolean(),
                  null);
    };
  }

  private static String next(Room room, String branch, String otherwise) {
    List<Run> waiting = room.branch(branch).waiting();
    return waiting.isEmpty() ? otherwise : waiting.getFirst().id();
  }

  private static String current(Room room, String branch, String otherwise) {
    Run run = room.branch(branch).running();
    return run == null ? otherwise : run.id();
  }

  private static String pick(Random random, Set<String> names) {
    List<String> all = new ArrayList<>(names);
    return all.isEmpty() ? "none" : any(random, all);
  }

  private static <T> T any(Random random, List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** All that can be seen of a state. */
  private static String describe(Conversation state) {
    StringBuilder all = new StringBuilder();
    all.append(state.id()).append(state.title()).append(state.archived());
    all.append(state.deletedBy()).append(state.members()).append('\n');
    state.branches().values().stream()
        .sorted(Comparator.comparing(Branch::id))
        .forEach(branch -> {
          all.append(branch.id()).append(branch.tail()).append(branch.origin());
          all.append(branch.persona()).append(branch.turns());
          PEOPLE.forEach(person -> all.append(branch.readUpTo(person)).append(' '));
          all.append('\n');
        });
    state.runs().values().stream()
        .sorted(Comparator.comparing(Run::id))
        .forEach(run -> {
          all.append(run.request()).append(run.state()).append(run.lease());
          all.append(run.persona()).append(run.attempts()).append(run.nextTurn());
          all.append(state.prompt(run)).append('\n');
        });
    return all.append(state.unannounced()).toString();
  }
}
