package dev.parley.wire.aisdk;

import dev.parley.conversation.Author;
import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Role;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a request of a page means for a conversation as it stands. Immutable. */
sealed interface Step {
  /** There is no such conversation yet; then look again. */
  record Create() implements Step {}

  /** A reply is in the way; then look again. */
  record Stop(String run) implements Step {}

  record Say(String branch, OnBusy onBusy) implements Step {}

  /** The turn is said differently. */
  record Edit(String branch, String replaces) implements Step {}

  /**
   * Another reply in place of one.
   *
   * @param name of the branch and the run: who asks twice gets the same
   */
  record Regenerate(String branch, String replaces, String name) implements Step {}

  /** Asks for a reply where there is none to replace. */
  record Request(String branch, String name) implements Step {}

  /** It was asked for before. */
  record Follow(String run) implements Step {}

  /**
   * Hands in what the page answers, then goes on with the reply after the page's last call.
   *
   * @param again calls that the page may answer once they are approved
   */
  record Answer(
      String run,
      String branch,
      List<ToolAnswers.ToolAnswer> answers,
      String after,
      Set<String> again)
      implements Step {}

  /** The next step. On the conversation's loop; refusals are thrown. */
  static Step of(Conversation now, ChatRequest request, String person, Set<String> clientTools) {
    ChatRequest.Message last = request.last();
    if (last == null && request.messageId() == null) {
      throw Refused.bad("messages: none (expected: at least one)");
    }
    boolean says = last != null && !last.isReply() && !request.regenerate();
    if (!now.exists()) {
      if (says) {
        return new Create();
      }
      throw Refused.noChat();
    }
    if (!now.members().containsKey(person)) {
      throw Refused.noChat();
    }
    if (request.regenerate()) {
      return regenerate(now, request, person);
    }
    if (last == null) {
      throw Refused.bad("messages: none (expected: at least one)");
    }
    return last.isReply()
        ? answer(now, last, person, clientTools)
        : say(now, request, last, person);
  }

  private static Step say(
      Conversation now, ChatRequest request, ChatRequest.Message message, String person) {
    if (!message.role().equals("user")) {
      throw Refused.bad("messages.role: " + message.role() + " (expected: user or assistant)");
    }
    Branch branch = Branches.of(now, request.before());
    Run running = branch.running();
    boolean mine = running != null && running.request().by().equals(person);
    if (message.id().equals(request.messageId())) {
      Turn turn = Branches.turn(branch, message.id());
      if (turn != null) {
        String name = Names.edited(message.id(), message.parts().toString());
        boolean again = now.branches().values().stream().anyMatch(it -> it.turn(name) != null);
        return mine && !again && running != null
            ? new Stop(running.id())
            : new Edit(branch.id(), turn.id());
      }
    }
    OnBusy onBusy = request.onBusy();
    return new Say(branch.id(), onBusy != null ? onBusy : mine ? OnBusy.REPLACE : OnBusy.QUEUE);
  }

  private static Step regenerate(Conversation now, ChatRequest request, String person) {
    String wanted = request.messageId();
    Run run = wanted == null ? null : now.run(wanted);
    boolean named = run != null;
    Turn asked = null;
    Branch branch = run != null ? run.branch() : Branches.of(now, request.before());
    if (run == null) {
      String message = request.last() != null ? request.last().id() : String.valueOf(wanted);
      branch = Branches.of(now, append(request.before(), message));
      asked = Branches.turn(branch, message);
      run = asked == null ? null : newestReply(now, asked);
    }
    if (run != null && !run.state().ended()) {
      if (!named) {
        return new Follow(run.id()); // sent twice, most likely
      }
      if (!run.request().by().equals(person)) {
        throw Refused.of(Refusal.RUN_ACTIVE, "run: " + run.id() + " (expected: none that runs)");
      }
      return new Stop(run.id());
    }
    if (run != null) {
      String name = Names.derived("again " + now.id() + " " + run.id());
      if (now.run(name) != null) {
        return new Follow(name);
      }
      branch = run.branch();
      for (Turn turn : branch.turns()) {
        if (run.id().equals(turn.run()) && turn.author() instanceof Author.OfPersona) {
          return new Regenerate(branch.id(), turn.id(), name);
        }
      }
      return new Request(branch.id(), name);
    }
    if (asked == null) {
      throw Refused.of(Refusal.NO_TURN, "messageId: unknown (expected: a message of this chat)");
    }
    return new Request(branch.id(), Names.derived("first " + now.id() + " " + asked.id()));
  }

  private static List<String> append(List<String> messages, String message) {
    List<String> all = new ArrayList<>(messages);
    all.add(message);
    return all;
  }

  private static @Nullable Run newestReply(Conversation now, Turn asked) {
    Run newest = null;
    for (Run run : now.runs().values()) {
      if (asked.id().equals(run.request().turn())
          && (newest == null || run.request().at() >= newest.request().at())) {
        newest = run;
      }
    }
    return newest;
  }

  private static Step answer(
      Conversation now, ChatRequest.Message reply, String person, Set<String> clientTools) {
    Run run = now.run(reply.id());
    if (run == null) {
      throw Refused.of(Refusal.NO_RUN, "messages: a reply that nobody gave (expected: one's own)");
    }
    if (now.members().get(person) == Role.READER) {
      throw Refused.of(Refusal.FORBIDDEN, "role: reader (expected: writer)");
    }
    String after = null;
    for (String call : ToolAnswers.calls(reply.parts())) {
      after = run.knows(call) ? call : after;
    }
    if (after == null) {
      throw Refused.bad(
          "messages: the last is a reply without calls (expected: a message, or answers to calls)");
    }
    List<ToolAnswers.ToolAnswer> answers = new ArrayList<>();
    Set<String> again = new HashSet<>();
    if (run.state() instanceof RunState.WaitingForTool(var unapproved, var running)) {
      for (ToolAnswers.ToolAnswer answer : ToolAnswers.read(reply.parts())) {
        String call = answer.call();
        boolean client = clientTools.contains(run.knows(call) ? run.toolName(call) : "");
        switch (answer) {
          case ToolAnswers.ToolAnswer.Approved _ -> {
            if (unapproved.contains(call)) {
              answers.add(answer);
            }
            if (client && (unapproved.contains(call) || running.contains(call))) {
              again.add(call);
            }
          }
          case ToolAnswers.ToolAnswer.Denied _ -> {
            if (unapproved.contains(call)) {
              answers.add(answer);
            }
          }
          case ToolAnswers.ToolAnswer.Output _ -> {
            if (client && running.contains(call)) {
              answers.add(answer);
            }
          }
        }
      }
    }
    return new Answer(run.id(), run.branch().id(), answers, after, again);
  }
}
