package dev.parley.wire.aisdk;

import dev.parley.conversation.Author;
import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A chat as a page loads it: the messages of a branch, without the replies that run, which a page
 * resumes. Immutable; taken on the conversation's loop, written on another.
 *
 * @param ends how the replies in it ended
 * @param waiting messages whose turn has not come
 */
record History(
    String title,
    String branch,
    List<Turn> turns,
    Map<String, RunState> ends,
    List<ConversationEvent.RunRequested> waiting) {
  private static final int MOST_TURNS = 1000;

  static @Nullable History of(Conversation now, String person, @Nullable String wanted) {
    if (!now.exists() || now.deletedBy() != null || !now.members().containsKey(person)) {
      return null;
    }
    Branch branch = wanted == null ? Branches.current(now) : now.branch(wanted);
    if (branch == null) {
      return null;
    }
    List<Turn> all = branch.turns();
    List<Turn> turns = List.copyOf(all.subList(Math.max(0, all.size() - MOST_TURNS), all.size()));
    Map<String, RunState> ends = new HashMap<>();
    for (Turn turn : turns) {
      Run run = turn.run() == null ? null : now.run(turn.run());
      if (run != null) {
        ends.put(run.id(), run.state());
      }
    }
    List<ConversationEvent.RunRequested> waiting = new ArrayList<>();
    branch.waiting().forEach(run -> waiting.add(run.request()));
    return new History(now.title(), branch.id(), turns, Map.copyOf(ends), List.copyOf(waiting));
  }

  ObjectNode write(String chat) {
    ObjectNode answer = Chunks.JSON.createObjectNode().put("id", chat);
    answer.put("title", title).put("branch", branch);
    ArrayNode messages = answer.putArray("messages");
    Map<String, ObjectNode> replies = new HashMap<>();
    Map<String, ObjectNode> calls = new HashMap<>();
    for (Turn turn : turns) {
      String run = turn.run();
      RunState end = run == null ? null : ends.get(run);
      if (run == null) {
        person(turn, messages.addObject());
      } else if (end == null || end.ended()) {
        ObjectNode reply = replies.get(run);
        if (reply == null) {
          reply = messages.addObject();
          begin(reply, run, end, turn.at());
          replies.put(run, reply);
          calls.clear();
        }
        add(turn, reply, calls);
      }
    }
    for (ConversationEvent.RunRequested run : waiting) {
      ConversationEvent.Message message = run.waiting();
      if (message != null) {
        write(messages.addObject(), message.turn(), run.by(), run.at(), message.parts());
      }
    }
    return answer;
  }

  private static void person(Turn turn, ObjectNode message) {
    String by = turn.author() instanceof Author.Person person ? person.id() : "";
    write(message, turn.id(), by, turn.at(), turn.parts());
    if (turn.ai()) {
      ((ObjectNode) message.path("metadata")).put("ai", true);
    }
  }

  private static void write(
      ObjectNode message, String turn, String by, long at, List<TurnPart> parts) {
    message.put("id", Names.message(turn)).put("role", "user");
    message.putObject("metadata").put("person", by).put("at", at);
    ArrayNode written = message.putArray("parts");
    parts.forEach(part -> UiParts.write(part, written));
  }

  private static void begin(ObjectNode reply, String run, @Nullable RunState end, long at) {
    reply.put("id", run).put("role", "assistant");
    ObjectNode metadata = reply.putObject("metadata");
    metadata.put("ai", true).put("run", run).put("at", at);
    switch (end) {
      case RunState.Stopped(String by) -> metadata.put("state", "stopped").put("by", by);
      case RunState.Failed(var failure) ->
          metadata
              .put("state", "failed")
              .put("reason", failure.reason())
              .put("retryable", failure.retryable());
      case null, default -> {} // nothing to be said about it
    }
    reply.putArray("parts");
  }

  private static void add(Turn turn, ObjectNode reply, Map<String, ObjectNode> calls) {
    ArrayNode parts = (ArrayNode) reply.path("parts");
    switch (turn.author()) {
      case Author.Person _ -> {
        ObjectNode steering = parts.addObject();
        steering.put("type", "steering-message").put("id", Names.message(turn.id()));
        ArrayNode said = steering.putArray("parts");
        turn.parts().forEach(part -> UiParts.write(part, said));
      }
      case Author.OfPersona(var persona) -> {
        ((ObjectNode) reply.path("metadata"))
            .putObject("persona")
            .put("id", persona.id())
            .put("version", persona.version());
        parts.addObject().put("type", "step-start");
        for (TurnPart part : turn.parts()) {
          if (part instanceof TurnPart.ToolCall call) {
            calls.put(call.id(), call(call, parts.addObject()));
          } else {
            UiParts.write(part, parts);
          }
        }
      }
      case Author.Tool _ -> {
        for (TurnPart part : turn.parts()) {
          ObjectNode call =
              part instanceof TurnPart.ToolResult result ? calls.get(result.callId()) : null;
          if (call != null && part instanceof TurnPart.ToolResult result) {
            result(call, result.json());
          }
        }
      }
    }
  }

  private static ObjectNode call(TurnPart.ToolCall call, ObjectNode part) {
    part.put("type", "tool-" + call.name()).put("toolCallId", call.id());
    part.set("input", ReplyState.json(call.argumentsJson()));
    part.put("state", "output-error").put("errorText", "The reply ended before the tool did.");
    return part;
  }

  private static void result(ObjectNode call, String json) {
    JsonNode output = ReplyState.json(json);
    String error = ToolAnswers.error(output);
    String denied = ToolAnswers.denied(output);
    if (denied != null) {
      call.put("state", "output-denied").remove("errorText");
      String id = call.path("toolCallId").stringValue();
      call.putObject("approval").put("id", id).put("approved", false).put("reason", denied);
    } else if (error != null) {
      call.put("errorText", error);
    } else {
      call.put("state", "output-available").remove("errorText");
      call.set("output", output);
    }
  }
}
