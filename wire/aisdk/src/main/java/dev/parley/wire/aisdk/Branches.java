package dev.parley.wire.aisdk;

import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.Run;
import dev.parley.conversation.Turn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the branch that a page is in: pages know no branches, only the messages they have. On the
 * conversation's loop.
 */
final class Branches {
  private static final int LOOKED_AT = 32; // of the messages that a page has

  private Branches() {}

  /** Where something happened last. */
  static Branch current(Conversation conversation) {
    return latest(conversation, conversation.branches().values());
  }

  /** The one with the newest of these messages that is known; of several, the current one. */
  static Branch of(Conversation conversation, List<String> messages) {
    for (int i = messages.size() - 1; i >= Math.max(0, messages.size() - LOOKED_AT); i--) {
      String message = messages.get(i);
      List<Branch> having = new ArrayList<>();
      for (Branch branch : conversation.branches().values()) {
        if (has(branch, message)) {
          having.add(branch);
        }
      }
      Run run = conversation.run(message);
      if (having.isEmpty() && run != null) {
        return run.branch(); // it has said nothing yet
      }
      if (!having.isEmpty()) {
        return latest(conversation, having);
      }
    }
    return current(conversation);
  }

  private static boolean has(Branch branch, String message) {
    return branch.turns().stream()
        .anyMatch(turn -> message.equals(turn.run()) || Names.isOf(turn.id(), message));
  }

  /** The turn that is a message, in its present wording. */
  static @Nullable Turn turn(Branch branch, String message) {
    return branch.turns().reversed().stream()
        .filter(turn -> Names.isOf(turn.id(), message))
        .findFirst()
        .orElse(null);
  }

  private static Branch latest(Conversation conversation, Collection<Branch> among) {
    Branch latest = null;
    long when = Long.MIN_VALUE;
    for (Branch branch : among) {
      long at = at(conversation, branch);
      if (latest == null || at >= when) {
        latest = branch;
        when = at;
      }
    }
    if (latest == null) {
      throw Refused.noChat();
    }
    return latest;
  }

  private static long at(Conversation conversation, Branch branch) {
    var origin = branch.origin();
    long at = origin == null ? 0 : origin.at();
    if (!branch.turns().isEmpty()) {
      at = Math.max(at, branch.turns().getLast().at());
    }
    for (Run run : conversation.runs().values()) {
      if (run.branch() == branch) {
        at = Math.max(at, run.request().at());
      }
    }
    return at;
  }
}
