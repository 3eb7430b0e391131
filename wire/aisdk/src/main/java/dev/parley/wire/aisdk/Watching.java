package dev.parley.wire.aisdk;

import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a follower of a reply has to know that its stream does not tell. Immutable; taken on the
 * conversation's loop.
 *
 * @param answered calls that no person has to answer any more
 */
record Watching(String run, Set<String> answered) {
  Watching {
    answered = Set.copyOf(answered);
  }

  /** The reply to be resumed, {@code null} when none runs or the person is no member. */
  static @Nullable Watching current(Conversation now, String person, Set<String> clientTools) {
    Run run = isMember(now, person) ? running(now) : null;
    return run == null ? null : of(run, clientTools);
  }

  /** A reply of this conversation, {@code null} for none or a stranger. */
  static @Nullable Watching of(
      Conversation now, String run, String person, Set<String> clientTools) {
    Run found = isMember(now, person) ? now.run(run) : null;
    return found == null ? null : of(found, clientTools);
  }

  private static boolean isMember(Conversation now, String person) {
    return now.exists() && now.deletedBy() == null && now.members().containsKey(person);
  }

  private static Watching of(Run run, Set<String> clientTools) {
    Set<String> answered = new HashSet<>();
    for (Turn turn : run.branch().turns()) {
      if (run.id().equals(turn.run())) {
        for (TurnPart part : turn.parts()) {
          if (part instanceof TurnPart.ToolCall call) {
            answered.add(call.id());
          }
        }
      }
    }
    if (run.state() instanceof RunState.WaitingForTool(var unapproved, var running)) {
      unapproved.forEach(answered::remove);
      answered.removeIf(call -> running.contains(call) && clientTools.contains(run.toolName(call)));
    }
    return new Watching(run.id(), answered);
  }

  /** What runs in the current branch, or waits there, or runs in another. */
  private static @Nullable Run running(Conversation now) {
    Branch current = Branches.current(now);
    if (current.running() != null) {
      return current.running();
    }
    if (!current.waiting().isEmpty()) {
      return current.waiting().getFirst();
    }
    Run newest = null;
    for (Branch branch : now.branches().values()) {
      Run run = branch.running();
      if (run != null && (newest == null || run.request().at() > newest.request().at())) {
        newest = run;
      }
    }
    return newest;
  }

  static List<String> toStop(Conversation now, String person) {
    if (!isMember(now, person)) {
      throw Refused.noChat();
    }
    List<String> runs = new ArrayList<>();
    Run running = running(now);
    if (running == null) {
      return runs;
    }
    for (Run waiting : running.branch().waiting()) { // first, so that none of them starts
      if (waiting != running && waiting.request().by().equals(person)) {
        runs.add(waiting.id());
      }
    }
    runs.add(running.id());
    return runs;
  }
}
