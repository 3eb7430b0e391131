package dev.parley.wire.rest;

import dev.parley.conversation.Author;
import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationList;
import dev.parley.conversation.EventJson;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Role;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Turn;
import dev.parley.conversation.run.Roster;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Conversations as JSON. Safe on any thread; a conversation is read on its own loop. */
final class Snapshot {
  private final Roster roster;
  private final EventJson events = new EventJson();

  Snapshot(Roster roster) {
    this.roster = roster;
  }

  /**
   * All that a page needs to show a branch, and from where to follow it.
   *
   * @param reader {@code null} for nobody in particular
   */
  ObjectNode of(Conversation it, String branchName, @Nullable String reader) {
    Branch branch = it.branch(branchName);
    if (branch == null) {
      throw Rejection.noBranch(branchName);
    }
    ObjectNode json = Json.object();
    json.put("id", it.id()).put("title", it.title()).put("archived", it.archived());
    Role role = reader == null ? null : it.members().get(reader);
    if (role != null) {
      json.put("role", word(role));
    }
    ObjectNode members = json.putObject("members");
    it.members().forEach((person, has) -> members.put(person, word(has)));
    ArrayNode personas = json.putArray("personas");
    personas(branch).forEach(ref -> personas.add(named(ref)));
    json.put("branch", branch.id());
    ArrayNode branches = json.putArray("branches");
    it.branches().values().forEach(each -> branches.add(branch(each)));
    if (branch.persona() != null) {
      json.set("persona", ref(branch.persona()));
    }
    json.put("offset", branch.tail());
    json.put("readUpTo", reader == null ? 0 : branch.readUpTo(reader));
    ArrayNode turns = json.putArray("turns");
    for (Turn turn : branch.turns()) {
      turns.add(events.tree(turn));
    }
    ArrayNode runs = json.putArray("runs");
    running(branch).forEach(run -> runs.add(run(it, run)));
    return json;
  }

  private static List<Run> running(Branch branch) {
    List<Run> runs = new ArrayList<>();
    if (branch.running() != null) {
      runs.add(branch.running());
    }
    runs.addAll(branch.waiting());
    return runs;
  }

  private static Set<PersonaRef> personas(Branch branch) {
    Set<PersonaRef> involved = new LinkedHashSet<>();
    for (Turn turn : branch.turns()) {
      if (turn.author() instanceof Author.OfPersona(PersonaRef ref)) {
        involved.add(ref);
      }
    }
    for (Run run : running(branch)) {
      PersonaRef who = run.persona() != null ? run.persona() : run.request().persona();
      if (who != null) {
        involved.add(who);
      }
    }
    if (branch.persona() != null) {
      involved.add(branch.persona());
    }
    return involved;
  }

  private ObjectNode named(PersonaRef ref) {
    Persona persona = roster.persona(ref);
    return ref(ref).put("name", persona == null ? ref.id() : persona.name());
  }

  private static ObjectNode ref(PersonaRef ref) {
    return Json.object().put("id", ref.id()).put("version", ref.version());
  }

  private static ObjectNode branch(Branch branch) {
    ObjectNode json = Json.object().put("id", branch.id());
    ConversationEvent.BranchedOff origin = branch.origin();
    if (origin != null) {
      json.put("source", origin.source())
          .put("offset", origin.offset())
          .put("replaces", origin.replaces())
          .put("by", origin.by())
          .put("at", origin.at());
    }
    return json;
  }

  private ObjectNode run(Conversation it, Run run) {
    ObjectNode json = Json.object().put("run", run.id());
    RunState state = run.state();
    json.put("state", word(state)).put("by", run.request().by());
    PersonaRef persona = run.persona() != null ? run.persona() : it.personaFor(run);
    if (persona != null) {
      json.set("persona", ref(persona));
    }
    if (state instanceof RunState.Queued queued) {
      json.put("position", queued.position());
      ConversationEvent.Message waiting = run.request().waiting();
      if (waiting != null) {
        ObjectNode message = json.putObject("waiting").put("turn", waiting.turn());
        if (waiting.ai()) {
          message.put("ai", true);
        }
        if (waiting.clientMessageId() != null) {
          message.put("clientMessageId", waiting.clientMessageId());
        }
        message.set("parts", events.tree(waiting.parts()));
      }
    } else if (state instanceof RunState.WaitingForTool tools) {
      ArrayNode calls = json.putArray("calls");
      tools.unapproved().forEach(call -> calls.add(call(run, call, true)));
      tools.running().forEach(call -> calls.add(call(run, call, false)));
    }
    return json;
  }

  private static ObjectNode call(Run run, String call, boolean approval) {
    return Json.object().put("id", call).put("name", run.toolName(call)).put("approval", approval);
  }

  /** A line of a person's list. */
  ObjectNode line(ConversationList.Line line) {
    ObjectNode json = Json.object();
    json.put("id", line.conversation())
        .put("title", line.title())
        .put("archived", line.archived())
        .put("role", word(line.role()))
        .put("unread", line.unread())
        .put("at", line.atMillis());
    ConversationList.LastTurn last = line.lastTurn();
    if (last != null) {
      ObjectNode turn = json.putObject("lastTurn");
      turn.put("branch", last.branch()).put("turn", last.turn());
      turn.set("author", author(last.author()));
      turn.put("ai", last.ai()).put("preview", last.preview()).put("at", last.at());
    }
    return json;
  }

  private static ObjectNode author(Author author) {
    ObjectNode json = Json.object();
    switch (author) {
      case Author.Person(String person) -> json.put("person", person);
      case Author.OfPersona(PersonaRef persona) -> json.set("persona", ref(persona));
      case Author.Tool(String tool) -> json.put("tool", tool);
    }
    return json;
  }

  private static String word(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  private static String word(RunState state) {
    return switch (state) {
      case RunState.Queued _ -> "queued";
      case RunState.Starting _ -> "starting";
      case RunState.Streaming _ -> "streaming";
      case RunState.WaitingForTool _ -> "waiting-for-tool";
      case RunState.Finished _ -> "finished";
      case RunState.Stopped _ -> "stopped";
      case RunState.Failed _ -> "failed";
    };
  }
}
