package dev.parley.conversation.request;

import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationList;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Role;
import dev.parley.conversation.run.Answer;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Conversations as a whole: their list, state and members. Safe on any thread, as what is below: a
 * refusal is a {@link RequestRefused}, thrown or in the future, and what cannot be meant an {@link
 * IllegalArgumentException} that is thrown.
 */
public final class ConversationRequests {
  /** Most lines of a list. */
  public static final int MOST_LINES = 1000;

  private final Conversations conversations;
  private final ConversationIndex index;
  private final Roster roster;
  private final Access access;
  private final Snapshot snapshot;

  public ConversationRequests(
      Conversations conversations, ConversationIndex index, Roster roster, Access access) {
    this.conversations = conversations;
    this.index = index;
    this.roster = roster;
    this.access = access;
    this.snapshot = new Snapshot(roster);
  }

  /** {@code {you, conversations: […]}} of the one who asks. */
  public CompletableFuture<ObjectNode> list(Asker asker, boolean archived, long most) {
    String person = asker.person();
    return index.of(person, archived).thenApply(lines -> list(person, lines, most));
  }

  private ObjectNode list(String person, List<ConversationList.Line> lines, long most) {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("you", person);
    ArrayNode array = json.putArray("conversations");
    lines.stream().limit(most).forEach(line -> array.add(snapshot.line(line)));
    return json;
  }

  /**
   * A conversation that was asked for.
   *
   * @param isAsAsked whether it was made with this title and persona, now or before
   */
  public record Made(String conversation, boolean isNew, boolean isAsAsked, ObjectNode snapshot) {}

  public CompletableFuture<Made> create(Asker asker, Body given) {
    Body body = given.only("title", "persona", "id");
    String named = body.optionalText("id");
    String id = named == null ? Names.fresh() : named;
    String person = asker.person();
    String title = body.text("title", "");
    Command command = new Command.Create(id, person, title, persona(body));
    return conversations
        .submit(id, command)
        .thenCompose(answer -> {
          if (answer instanceof Answer.Refused refused
              && refused.refusal() != Refusal.CONVERSATION_EXISTS) {
            var _ = Accepted.require(answer);
          }
          boolean made = answer instanceof Answer.Done;
          return conversations.view(
              id,
              it -> {
                if (!made && it.members().get(person) != Role.OWNER) {
                  var _ = Accepted.require(answer); // somebody else's
                }
                return new Made(
                    id,
                    made,
                    isLike(it.created(), title, body.optionalText("persona")),
                    snapshot.of(it, Conversation.MAIN, person, Snapshot.Page.NEWEST));
              });
        });
  }

  private static boolean isLike(
      ConversationEvent.@Nullable Created created, String title, @Nullable String persona) {
    return created != null
        && created.title().equals(title)
        && (persona == null || created.persona().id().equals(persona));
  }

  /** Who is to answer: the one that is named, or the first there is. */
  private PersonaRef persona(Body body) {
    String id = body.optionalText("persona");
    List<Persona> all = roster.all();
    Persona persona = id != null ? roster.newest(id) : all.isEmpty() ? null : all.getFirst();
    if (persona == null) {
      throw body.unlike("persona", "the id of a persona, see /api/personas");
    }
    return persona.ref();
  }

  public CompletableFuture<ObjectNode> snapshot(
      Asker asker, String conversation, String branch, Snapshot.Page page) {
    String reader = asker.reader();
    return access.read(
        asker, conversation, it -> snapshot.of(it.conversation(), branch, reader, page));
  }

  /** Title, persona, and whether it is archived. */
  public CompletableFuture<ObjectNode> change(Asker asker, String conversation, Body given) {
    String by = asker.person();
    Body body = given.only("title", "archived", "persona", "branch");
    String branch = body.text("branch", Conversation.MAIN);
    List<Command> commands = new ArrayList<>();
    if (body.has("archived") && !body.flag("archived", false)) {
      commands.add(new Command.Restore(by)); // first: the others need it
    }
    if (body.has("title")) {
      commands.add(new Command.Rename(by, body.text("title")));
    }
    if (body.has("persona")) {
      commands.add(new Command.SwitchPersona(by, branch, persona(body)));
    }
    if (body.flag("archived", false)) {
      commands.add(new Command.Archive(by));
    }
    if (commands.isEmpty()) {
      throw RequestRefused.badField(
          "body: nothing to change (expected: title, archived or persona)");
    }
    CompletableFuture<Answer.@Nullable Done> done = CompletableFuture.completedFuture(null);
    for (Command command : commands) {
      done =
          done.thenCompose(_ -> conversations.submit(conversation, command))
              .thenApply(Accepted::require);
    }
    return done.thenCompose(_ -> snapshot(asker, conversation, branch, Snapshot.Page.NEWEST));
  }

  public CompletableFuture<?> delete(Asker asker, String conversation) {
    return submit(conversation, new Command.Delete(asker.person()));
  }

  public CompletableFuture<?> addMember(
      Asker asker, String conversation, String person, Body body) {
    Role role = body.only("role").word("role", Role.class);
    return submit(conversation, new Command.AddMember(asker.person(), person, role));
  }

  public CompletableFuture<?> removeMember(Asker asker, String conversation, String person) {
    return submit(conversation, new Command.RemoveMember(asker.person(), person));
  }

  private CompletableFuture<?> submit(String conversation, Command command) {
    return conversations.submit(conversation, command).thenApply(Accepted::require);
  }

  /** Fails for who is no member. */
  public CompletableFuture<?> member(Asker asker, String conversation) {
    return access
        .read(asker, conversation, it -> it.role() != null)
        .thenAccept(member -> {
          if (!member) {
            throw RequestRefused.noConversation();
          }
        });
  }
}
