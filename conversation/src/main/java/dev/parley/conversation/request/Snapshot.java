package dev.parley.conversation.request;

import dev.parley.conversation.Author;
import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationList;
import dev.parley.conversation.EventJson;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Role;
import dev.parley.conversation.Run;
import dev.parley.conversation.RunFailure;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.run.Roster;
import dev.parley.stream.Quotable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Conversations as JSON. Safe on any thread; a conversation is read on its own loop. */
public final class Snapshot {
  private static final int MOST_BYTES = 4 << 20; // of turns; one is told whatever its size
  private static final int MOST_ENDS = 200;

  private final Roster roster;
  private final EventJson events = new EventJson();

  public Snapshot(Roster roster) {
    this.roster = roster;
  }

  /**
   * Which turns are told.
   *
   * @param before the turn that the last of them comes before, {@code null} for the newest
   */
  public record Page(@Nullable String before, int limit) {
    public static final int MOST = 1000;
    public static final Page NEWEST = new Page(null, 200);

    /** Of the fields {@code before} and {@code limit}, which may be missing. */
    public static Page of(Body body) {
      return new Page(body.optionalText("before"), body.count("limit", NEWEST.limit(), MOST));
    }
  }

  /**
   * All that a page needs to show a branch, and from where to follow it.
   *
   * @param reader {@code null} for nobody in particular
   */
  public ObjectNode of(Conversation it, String branchName, @Nullable String reader, Page page) {
    Branch branch = it.branch(branchName);
    if (branch == null) {
      throw RequestRefused.noBranch(branchName);
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    List<Turn> all = branch.turns();
    int to = page.before() == null ? all.size() : indexOf(all, page.before());
    int from = firstOf(all, to, page.limit());
    List<Turn> turns = all.subList(from, to);
    json.put("id", it.id()).put("title", it.title()).put("archived", it.archived());
    if (reader != null) {
      json.put("you", reader);
    }
    Role role = reader == null ? null : it.members().get(reader);
    if (role != null) {
      json.put("role", word(role));
    }
    ObjectNode members = json.putObject("members");
    it.members().forEach((person, has) -> members.put(person, word(has)));
    ArrayNode personas = json.putArray("personas");
    personas(branch, turns).forEach(ref -> personas.add(named(ref)));
    json.put("branch", branch.id());
    ArrayNode branches = json.putArray("branches");
    it.branches().values().forEach(each -> branches.add(branch(each)));
    if (branch.persona() != null) {
      json.set("persona", ref(branch.persona()));
    }
    json.put("offset", branch.tail());
    json.put("readUpTo", reader == null ? 0 : branch.readUpTo(reader));
    json.put("earlier", from > 0);
    ArrayNode told = json.putArray("turns");
    turns.forEach(turn -> told.add(events.tree(turn)));
    ArrayNode ended = json.putArray("ended");
    ended(it, branch, from, to).forEach(run -> ended.add(end(run, turns)));
    ArrayNode runs = json.putArray("runs");
    running(branch).forEach(run -> runs.add(run(it, run)));
    return json;
  }

  private static int indexOf(List<Turn> turns, String id) {
    for (int i = turns.size() - 1; i >= 0; i--) {
      if (turns.get(i).id().equals(id)) {
        return i;
      }
    }
    throw RequestRefused.of(
        Refusal.NO_TURN, "before: " + Quotable.of(id) + " (expected: a turn of this branch)");
  }

  private static int firstOf(List<Turn> turns, int to, int limit) {
    int from = to;
    long bytes = 0;
    while (from > 0 && to - from < limit && bytes < MOST_BYTES) {
      from--;
      bytes += TurnPart.size(turns.get(from).parts());
    }
    return from;
  }

  /** The latest runs that ended among these turns otherwise than by having said everything. */
  private static List<Run> ended(Conversation it, Branch branch, int from, int to) {
    List<Turn> all = branch.turns();
    long after = from == 0 ? 0 : all.get(from).offset();
    long before = to == all.size() ? Long.MAX_VALUE : all.get(to).offset();
    List<Run> ends =
        it.runs().values().stream()
            .filter(run -> isRemarkable(run.state()))
            .filter(run -> run.endOffset() > after && run.endOffset() < before)
            .filter(run -> endedIn(it, branch, run))
            .sorted(Comparator.comparingLong(Run::endOffset))
            .toList();
    return ends.subList(Math.max(0, ends.size() - MOST_ENDS), ends.size());
  }

  private static boolean isRemarkable(RunState state) {
    return switch (state) {
      case RunState.Stopped _, RunState.Failed _ -> true;
      case RunState.Finished(FinishReason reason) ->
          reason == FinishReason.LENGTH || reason == FinishReason.FILTERED;
      case RunState.Queued _,
          RunState.Starting _,
          RunState.Streaming _,
          RunState.WaitingForTool _ ->
          false;
    };
  }

  /** Whether the end of a run stands in a branch: as its own, or in what it shares with another. */
  private static boolean endedIn(Conversation it, Branch branch, Run run) {
    Branch owner = branch;
    while (owner != run.branch()) {
      ConversationEvent.BranchedOff origin = owner.origin();
      Branch source = origin == null ? null : it.branch(origin.source());
      if (origin == null || source == null || run.endOffset() > origin.offset()) {
        return false;
      }
      owner = source;
    }
    return true;
  }

  /** What became of a run, behind the last turn before that. */
  private static ObjectNode end(Run run, List<Turn> turns) {
    ObjectNode json =
        JsonNodeFactory.instance.objectNode().put("run", run.id()).put("state", word(run.state()));
    json.put("by", run.request().by());
    if (run.persona() != null) {
      json.set("persona", ref(run.persona()));
    }
    switch (run.state()) {
      case RunState.Failed(RunFailure failure) ->
          json.put("reason", failure.reason())
              .put("message", failure.message())
              .put("retryable", failure.retryable());
      case RunState.Finished(FinishReason reason) ->
          json.put("reason", reason.name().toLowerCase(Locale.ROOT));
      case RunState.Stopped(String by) -> json.put("stoppedBy", by);
      case RunState.Queued _,
          RunState.Starting _,
          RunState.Streaming _,
          RunState.WaitingForTool _ -> {} // not an end
    }
    for (int i = turns.size() - 1; i >= 0; i--) {
      if (turns.get(i).offset() < run.endOffset()) {
        return json.put("after", turns.get(i).id());
      }
    }
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

  private static Set<PersonaRef> personas(Branch branch, List<Turn> turns) {
    Set<PersonaRef> involved = new LinkedHashSet<>();
    for (Turn turn : turns) {
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
    return JsonNodeFactory.instance.objectNode().put("id", ref.id()).put("version", ref.version());
  }

  private static ObjectNode branch(Branch branch) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", branch.id());
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
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("run", run.id());
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
    return JsonNodeFactory.instance
        .objectNode()
        .put("id", call)
        .put("name", run.toolName(call))
        .put("approval", approval);
  }

  /** A line of a person's list. */
  public ObjectNode line(ConversationList.Line line) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
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
    ObjectNode json = JsonNodeFactory.instance.objectNode();
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
