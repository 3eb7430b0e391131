package dev.parley.conversation.run;

import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.Decision;
import dev.parley.conversation.Overrides;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The tools that the replies of one conversation call: asks for approval where a persona wants it,
 * has them called, and lets a reply go on when all have answered. Confined to the loop of the
 * conversation.
 */
final class ToolCalls {
  private static final int LONGEST_BEGINNING = 200; // of a call's name that gets a number

  private final Desk desk;
  private final Talk talk;
  private final Replies replies;

  ToolCalls(Desk desk, Talk talk, Replies replies) {
    this.desk = desk;
    this.talk = talk;
    this.replies = replies;
  }

  /** Whether whoever asked brought tools along, and calls them. */
  boolean areOfAsker(Reply reply) {
    Run run = run(reply);
    Overrides overrides = run == null ? null : run.request().overrides();
    return overrides != null && overrides.tools() != null;
  }

  private @Nullable Run run(Reply reply) {
    Conversation state = talk.state();
    return state == null ? null : state.run(reply.run());
  }

  /** The command that ends a turn of a reply with calls of tools. */
  Command command(Reply reply, List<TurnPart> said) {
    Run run = run(reply);
    Persona persona =
        run == null || run.persona() == null ? null : desk.models().persona(run.persona());
    Set<String> names = new HashSet<>();
    List<TurnPart> parts = new ArrayList<>(said.size());
    List<Command.ToolUse> uses = new ArrayList<>();
    for (TurnPart part : said) {
      if (part instanceof TurnPart.ToolCall call) {
        String name = unique(run, names, call.id());
        parts.add(new TurnPart.ToolCall(name, call.name(), call.argumentsJson()));
        uses.add(new Command.ToolUse(name, call.name(), needsApproval(persona, call.name())));
      } else {
        parts.add(part);
      }
    }
    return new Command.CallTools(reply.run(), desk.owner(), parts, uses);
  }

  /** Models use the same names of calls again; within a run each is another call. */
  private static String unique(@Nullable Run run, Set<String> taken, String name) {
    String unique = name;
    for (int i = 2; !taken.add(unique) || (run != null && run.knows(unique)); i++) {
      unique = name.substring(0, Math.min(name.length(), LONGEST_BEGINNING)) + "-" + i;
    }
    return unique;
  }

  private static boolean needsApproval(@Nullable Persona persona, String tool) {
    return persona != null
        && persona.tools().stream()
            .anyMatch(each -> each.name().equals(tool) && each.needsApproval());
  }

  /** Tools that nobody has to approve are called at once. */
  void onCalled(Conversation state, Decision.Accepted decision) {
    List<RunJson.Call> calls = new ArrayList<>();
    String run = "";
    for (ConversationEvent event : decision.events()) {
      if (event instanceof ConversationEvent.ToolCalled it) {
        run = it.run();
        calls.add(new RunJson.Call(it.call(), it.name(), it.needsApproval()));
      }
    }
    Reply reply = replies.active(run);
    if (calls.isEmpty() || reply == null) {
      return;
    }
    replies.rest(reply); // a person may take hours to approve
    reply.write(RunJson.waiting(calls));
    for (RunJson.Call call : calls) {
      if (!call.needsApproval()) {
        call(state, run, call.id());
      }
    }
  }

  /** Has a tool called, at first or again under the same name. */
  void call(Conversation state, String id, String call) {
    Run run = state.run(id);
    TurnPart.ToolCall part = run == null ? null : find(run, call);
    PersonaRef ref = run == null ? null : run.persona();
    if (run == null || part == null || ref == null) {
      return;
    }
    Persona persona = desk.models().persona(ref);
    if (persona == null
        || persona.tools().stream().noneMatch(each -> each.name().equals(part.name()))) {
      desk.execute(() -> returned(id, call, error("unknown-tool", "There is no such tool.")));
      return;
    }
    String user = run.request().by();
    int attempt = Math.max(1, run.attempts());
    var _ =
        desk.tools()
            .call(
                new ToolCall(
                    state.id(), id, call, part.name(), part.argumentsJson(), user, ref, attempt))
            .whenComplete((outcome, failure) ->
                desk.execute(() -> {
                  if (failure != null) {
                    returned(id, call, error("failed", "The tool could not be called."));
                  } else {
                    switch (outcome) {
                      case ToolOutcome.Result(String json) -> returned(id, call, json);
                      case ToolOutcome.Failed it ->
                          returned(id, call, error(it.reason().label(), it.message()));
                      case ToolOutcome.Pending() -> {} // the application hands it in
                    }
                  }
                }));
  }

  private static TurnPart.@Nullable ToolCall find(Run run, String call) {
    for (Turn turn : run.branch().turns().reversed()) {
      for (TurnPart part : turn.parts()) {
        if (run.id().equals(turn.run())
            && part instanceof TurnPart.ToolCall found
            && found.id().equals(call)) {
          return found;
        }
      }
    }
    return null;
  }

  private static String error(String reason, String message) {
    return new String(RunJson.error(reason, message), StandardCharsets.UTF_8);
  }

  private void returned(String run, String call, String json) {
    Reply reply = replies.active(run);
    if (reply != null) { // else it was stopped meanwhile
      returned(reply, call, json);
    }
  }

  /** What a tool has returned is told to the conversation, which may know it already. */
  void returned(Reply reply, String call, String json) {
    reply.returned(call, json);
    if (talk.state() != null) {
      var _ = talk.command(new Command.ReturnTool(reply.run(), desk.owner(), call, json));
    }
  }

  void onReturned(Conversation state, ConversationEvent.ToolReturned it) {
    settled(state, it.run(), it.call(), RunJson.result(it.call(), it.json()));
  }

  void onDenied(Conversation state, ConversationEvent.ToolDenied it) {
    settled(state, it.run(), it.call(), RunJson.denied(it.call(), "denied: " + it.reason()));
  }

  private void settled(Conversation state, String id, String call, byte[] result) {
    Reply reply = replies.active(id);
    Run run = state.run(id);
    if (reply == null || run == null) {
      return;
    }
    reply.confirmed(call);
    reply.write(result);
    if (run.state() instanceof RunState.Starting) {
      replies.goOn(state, id);
    }
  }
}
