package dev.parley.wire.openai;

import dev.parley.conversation.Author;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Overrides;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Run;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.run.Conversations;
import dev.parley.hub.Hub;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Finds runs by their names. Safe on any thread. */
final class Lookup {
  /** Where it stands that a run was deleted whose conversation has others. */
  private static final String DELETED = "openai/deleted/";

  private final Hub hub;
  private final Conversations conversations;

  Lookup(Hub hub, Conversations conversations) {
    this.hub = hub;
    this.conversations = conversations;
  }

  /** The run, if it is of a conversation of the person's. */
  CompletableFuture<Answering> find(String run, String person) {
    return conversation(run)
        .thenCompose(found -> conversations.view(found, it -> answering(it, found, run, person)));
  }

  /** The conversation of a run. */
  CompletableFuture<String> conversation(String run) {
    return conversations
        .find(run)
        .thenCompose(place -> {
          if (place.isPresent()) {
            return CompletableFuture.completedFuture(place.get().conversation());
          }
          String conversation = Ids.conversationOf(run);
          if (conversation == null) {
            throw ApiError.noResponse(run);
          }
          return hub.head(deleted(run))
              .thenApply(tombstone -> {
                if (tombstone.isPresent()) {
                  throw ApiError.noResponse(run);
                }
                return conversation;
              });
        });
  }

  /** It is not found from now on. */
  CompletableFuture<?> forget(String run) {
    return hub.create(deleted(run), StreamSpec.of("application/json"))
        .thenCompose(_ -> hub.delete(ConversationPaths.run(run)));
  }

  private static StreamPath deleted(String run) {
    try {
      return StreamPath.of(DELETED + run);
    } catch (IllegalArgumentException e) {
      throw ApiError.noResponse(run);
    }
  }

  static Run own(Conversation in, String id, String person) {
    Run run = in.run(id);
    if (!in.exists()
        || in.deletedBy() != null
        || run == null
        || !in.members().containsKey(person)) {
      throw ApiError.noResponse(id);
    }
    return run;
  }

  static Answering answering(Conversation in, String conversation, String id, String person) {
    Run run = own(in, id, person);
    Overrides overrides = run.request().overrides();
    PersonaRef persona = run.persona() != null ? run.persona() : in.personaFor(run);
    return new Answering(
        id,
        conversation,
        persona == null ? "" : persona.id(),
        run.request().at() / 1000,
        note(overrides),
        overrides != null && overrides.tools() != null,
        in.runs().size() == 1,
        remembered(run));
  }

  private static JsonNode note(@Nullable Overrides overrides) {
    return overrides == null || overrides.note().isEmpty()
        ? Fields.JSON.createObjectNode()
        : Fields.JSON.readTree(overrides.note());
  }

  private static List<RunMessage> remembered(Run run) {
    RunMessage.End end = RunMessage.of(run.state(), run.usage());
    if (end == null) {
      return List.of();
    }
    List<RunMessage> messages = new ArrayList<>();
    int calls = 0;
    for (Turn turn : run.branch().turns()) {
      if (run.id().equals(turn.run()) && turn.author() instanceof Author.OfPersona) {
        messages.add(new RunMessage.Starting(turn.id()));
        for (TurnPart part : turn.parts()) {
          messages.add(RunMessage.of(part, calls));
          if (part instanceof TurnPart.ToolCall call) {
            messages.add(new RunMessage.Arguments(calls++, call.argumentsJson()));
          }
        }
      }
    }
    messages.add(end);
    return messages;
  }
}
