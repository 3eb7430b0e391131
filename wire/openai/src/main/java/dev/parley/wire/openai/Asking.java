package dev.parley.wire.openai;

import dev.parley.conversation.Author;
import dev.parley.conversation.Branch;
import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Overrides;
import dev.parley.conversation.Persona;
import dev.parley.conversation.Run;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.run.Answer;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Models;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes inquiries into what is said in conversations, and into runs. Safe on any thread. */
final class Asking {
  private final Conversations conversations;
  private final Models models;
  private final Lookup lookup;

  Asking(Conversations conversations, Models models, Lookup lookup) {
    this.conversations = conversations;
    this.models = models;
    this.lookup = lookup;
  }

  /** Where something is said, and the runs that called the tools whose results may come. */
  private record Place(String conversation, String branch, Map<String, String> calls) {}

  /** Where to go on from an answer: there, or in a new conversation that begins with the same. */
  private record Way(@Nullable Place place, List<Input> before) {}

  /** Done when it is stored that there is to be an answer. */
  CompletableFuture<Answering> ask(Inquiry inquiry, String person) {
    Persona persona = models.newest(inquiry.persona());
    if (persona == null) {
      throw ApiError.noModel(inquiry.persona());
    }
    String conversation = inquiry.conversation();
    String previous = inquiry.previous();
    if (conversation != null) {
      return view(conversation, it -> place(it, conversation, person))
          .thenCompose(place -> tell(inquiry, persona, person, place, inquiry.inputs()));
    }
    if (previous == null) {
      return begin(inquiry, persona, person, inquiry.inputs());
    }
    return lookup
        .conversation(previous)
        .thenCompose(found -> view(found, it -> way(it, found, previous, person)))
        .thenCompose(way -> {
          if (way.place() != null) {
            return tell(inquiry, persona, person, way.place(), inquiry.inputs());
          }
          List<Input> all = new ArrayList<>(way.before());
          all.addAll(inquiry.inputs());
          return begin(inquiry, persona, person, Input.settled(all));
        });
  }

  private <T> CompletableFuture<T> view(String conversation, Function<Conversation, T> look) {
    return conversations.view(conversation, look);
  }

  private static Place place(Conversation in, String conversation, String person) {
    Branch main = in.branch(Conversation.MAIN);
    if (!in.exists() || main == null || !in.members().containsKey(person)) {
      throw ApiError.missing(
          "conversation",
          "conversation: " + Fields.shortened(conversation) + " (expected: one of yours)");
    }
    return new Place(conversation, main.id(), calls(main));
  }

  /** Runs by the calls of tools they made; a name that was used again is that of the last. */
  private static Map<String, String> calls(Branch branch) {
    Map<String, String> calls = new HashMap<>();
    for (Turn turn : branch.turns()) {
      for (TurnPart part : turn.parts()) {
        if (part instanceof TurnPart.ToolCall call
            && turn.author() instanceof Author.OfPersona
            && turn.run() != null) {
          calls.put(call.id(), turn.run());
        }
      }
    }
    return calls;
  }

  private static Way way(Conversation in, String conversation, String previous, String person) {
    Run run = Lookup.own(in, previous, person);
    Branch branch = run.branch();
    Place here = new Place(conversation, branch.id(), calls(branch));
    List<Run> waiting = branch.waiting();
    if (!run.state().ended()) {
      if (waiting.isEmpty() || waiting.getLast() == run) {
        return new Way(here, List.of());
      }
      throw ApiError.invalid(
          "previous_response_id", "previous_response_id: goes on, and others wait behind it");
    }
    List<Turn> turns = branch.turns();
    int end = 0;
    for (int i = 0; i < turns.size(); i++) {
      Turn turn = turns.get(i);
      if (previous.equals(turn.run()) || turn.id().equals(run.request().turn())) {
        end = i + 1;
      }
    }
    return end == turns.size() && branch.running() == null && waiting.isEmpty()
        ? new Way(here, List.of())
        : new Way(null, inputs(turns.subList(0, end)));
  }

  private static List<Input> inputs(List<Turn> turns) {
    List<Input> inputs = new ArrayList<>();
    for (Turn turn : turns) {
      Input.Speaker speaker =
          switch (turn.author()) {
            case Author.Person _ -> Input.Speaker.USER;
            case Author.OfPersona _ -> Input.Speaker.ASSISTANT;
            case Author.Tool _ -> Input.Speaker.TOOL;
          };
      List<TurnPart> parts =
          turn.parts().stream().filter(part -> !(part instanceof TurnPart.Reasoning)).toList();
      if (!parts.isEmpty()) {
        inputs.add(new Input(speaker, parts));
      }
    }
    return inputs;
  }

  private CompletableFuture<Answering> begin(
      Inquiry inquiry, Persona persona, String person, List<Input> inputs) {
    String conversation = Ids.conversation();
    Place place = new Place(conversation, Conversation.MAIN, Map.of());
    List<Command.Told> told = told(persona, person, place, before(inputs)); // before it is created
    requireCalls(told, place);
    return submit(
            conversation, new Command.Create(conversation, person, title(inputs), persona.ref()))
        .thenCompose(_ -> tell(inquiry, persona, person, place, inputs));
  }

  private CompletableFuture<Answering> tell(
      Inquiry inquiry, Persona persona, String person, Place place, List<Input> inputs) {
    String run = Ids.run(inquiry.api(), place.conversation());
    Overrides overrides = inquiry.overrides();
    Command.Ask ask = new Command.Ask(run, persona.ref(), OnBusy.QUEUE, List.of(), overrides);
    List<Input> before = before(inputs);
    List<Command.Told> told = told(persona, person, place, before);
    requireCalls(told, place);
    Command last =
        before.size() < inputs.size()
            ? new Command.Say(
                person, place.branch(), Ids.turn(), null, false, inputs.getLast().parts(), ask)
            : new Command.Request(person, place.branch(), ask);
    CompletableFuture<?> first =
        told.isEmpty()
            ? CompletableFuture.completedFuture(null)
            : submit(place.conversation(), new Command.Recount(person, place.branch(), told));
    return first
        .thenCompose(_ -> submit(place.conversation(), last))
        .thenCompose(_ ->
            view(
                place.conversation(),
                it -> Lookup.answering(it, place.conversation(), run, person)));
  }

  /** All but what the user says last, which is said with the request for an answer. */
  private static List<Input> before(List<Input> inputs) {
    boolean asks = !inputs.isEmpty() && inputs.getLast().speaker() == Input.Speaker.USER;
    return asks ? inputs.subList(0, inputs.size() - 1) : inputs;
  }

  private static List<Command.Told> told(
      Persona persona, String person, Place place, List<Input> inputs) {
    Map<String, String> tools = new HashMap<>();
    List<Command.Told> told = new ArrayList<>(inputs.size());
    for (Input input : inputs) {
      String run = null;
      String tool = "tool";
      for (TurnPart part : input.parts()) {
        if (part instanceof TurnPart.ToolCall call) {
          tools.put(call.id(), call.name());
        } else if (part instanceof TurnPart.ToolResult result) {
          run = place.calls().get(result.callId());
          tool = tools.getOrDefault(result.callId(), tool);
        }
      }
      Author author =
          switch (input.speaker()) {
            case USER -> new Author.Person(person);
            case ASSISTANT -> new Author.OfPersona(persona.ref());
            case TOOL -> new Author.Tool(tool);
          };
      told.add(new Command.Told(Ids.turn(), author, input.parts(), run));
    }
    return told;
  }

  /** A result without its call would be left out of the prompt. */
  private static void requireCalls(List<Command.Told> told, Place place) {
    List<String> known = new ArrayList<>(place.calls().keySet());
    for (Command.Told turn : told) {
      for (TurnPart part : turn.parts()) {
        if (part instanceof TurnPart.ToolCall call) {
          known.add(call.id());
        } else if (part instanceof TurnPart.ToolResult result && !known.contains(result.callId())) {
          throw ApiError.invalid(
              "input",
              "result of a tool: no call "
                  + Fields.shortened(result.callId())
                  + " before it (expected: one that was made)");
        }
      }
    }
  }

  private static String title(List<Input> inputs) {
    StringBuilder title = new StringBuilder();
    for (Input input : inputs) {
      if (input.speaker() == Input.Speaker.USER
          && input.parts().getFirst() instanceof TurnPart.Text(String text, String _)) {
        text.codePoints()
            .limit(60)
            .map(c -> Character.isISOControl(c) ? ' ' : c)
            .forEach(title::appendCodePoint);
        break;
      }
    }
    return title.toString();
  }

  CompletableFuture<Answer.Done> submit(String conversation, Command command) {
    return conversations
        .submit(conversation, command)
        .thenApply(answer ->
            switch (answer) {
              case Answer.Done done -> done;
              case Answer.Refused(var refusal, String message) ->
                  throw ApiError.of(refusal, message);
            });
  }
}
