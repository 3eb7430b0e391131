package dev.parley.wire.rest;

import dev.parley.conversation.Branch;
import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationEvent;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Role;
import dev.parley.conversation.run.Answer;
import dev.parley.conversation.run.ConversationIndex;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.HttpError;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Conversations as a whole: their list, state, members and events. On event loops. */
final class ConversationRoutes {
  private static final int MOST_LINES = 1000;

  private final Conversations conversations;
  private final ConversationIndex index;
  private final Roster roster;
  private final Access access;
  private final SseAnswers sse;
  private final Snapshot snapshot;

  ConversationRoutes(
      Conversations conversations,
      ConversationIndex index,
      Roster roster,
      Access access,
      SseAnswers sse) {
    this.conversations = conversations;
    this.index = index;
    this.roster = roster;
    this.access = access;
    this.sse = sse;
    this.snapshot = new Snapshot(roster);
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/conversations", this::list),
        Route.of("POST", "/api/conversations", this::create),
        Route.of("GET", "/api/conversations/{id}", this::get),
        Route.of("PATCH", "/api/conversations/{id}", this::change),
        Route.of("DELETE", "/api/conversations/{id}", this::delete),
        Route.of("PUT", "/api/conversations/{id}/members/{person}", this::addMember),
        Route.of("DELETE", "/api/conversations/{id}/members/{person}", this::removeMember),
        Route.of("GET", "/api/conversations/{id}/events", this::events),
        Route.of("POST", "/api/conversations/{id}/typing", this::typing));
  }

  private void list(Call call) {
    String archived = call.query("archived");
    if (archived != null && !archived.equals("true") && !archived.equals("false")) {
      throw Rejection.badField(
          "archived: " + HttpError.quotable(archived) + " (expected: true or false)");
    }
    String limit = call.query("limit");
    long most = limit == null ? MOST_LINES : Call.number("limit", limit, 1, MOST_LINES);
    String person = call.person();
    Replies.then(
        call.response(),
        index.of(person, "true".equals(archived)),
        lines -> {
          ObjectNode json = Json.object().put("you", person);
          ArrayNode array = json.putArray("conversations");
          lines.stream().limit(most).forEach(line -> array.add(snapshot.line(line)));
          Replies.send(call.response(), 200, json);
        });
  }

  private void create(Call call) {
    Body body = call.named("id").only("title", "persona", "id");
    boolean again = call.idempotencyKey() != null;
    String title = body.text("title", "");
    String given = body.optionalText("id");
    String id = given == null ? Call.newName() : given;
    String person = call.person();
    Command command = new Command.Create(id, person, title, persona(body));
    Replies.then(
        call.response(),
        conversations
            .submit(id, command)
            .thenCompose(answer -> {
              if (answer instanceof Answer.Refused refused
                  && refused.refusal() != Refusal.CONVERSATION_EXISTS) {
                var _ = Replies.require(answer);
              }
              boolean made = answer instanceof Answer.Done;
              return conversations.view(
                  id,
                  it -> {
                    if (!made && it.members().get(person) != Role.OWNER) {
                      var _ = Replies.require(answer); // somebody else's
                    }
                    if (again && !isLike(it.created(), title, body.optionalText("persona"))) {
                      throw Rejection.keyUsedBefore();
                    }
                    return new Made(
                        made || again,
                        snapshot.of(it, Conversation.MAIN, person, Snapshot.Page.NEWEST));
                  });
            }),
        it -> {
          call.response().headers().set("location", "/api/conversations/" + id);
          Replies.send(call.response(), it.made() ? 201 : 200, it.snapshot());
        });
  }

  private record Made(boolean made, ObjectNode snapshot) {}

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

  private void get(Call call) {
    String limit = call.query("limit");
    int most =
        limit == null
            ? Snapshot.Page.NEWEST.limit()
            : (int) Call.number("limit", limit, 1, Snapshot.Page.MOST);
    Replies.then(
        call.response(),
        read(call, branch(call), new Snapshot.Page(call.query("before"), most)),
        it -> Replies.send(call.response(), 200, it));
  }

  private CompletableFuture<ObjectNode> read(Call call, String branch, Snapshot.Page page) {
    String reader = call.reader();
    return access.read(
        call, call.conversation(), it -> snapshot.of(it.conversation(), branch, reader, page));
  }

  private static String branch(Call call) {
    String branch = call.query("branch");
    return branch == null ? Conversation.MAIN : branch;
  }

  private void change(Call call) {
    String id = call.conversation();
    String by = call.person();
    Body body = call.body().only("title", "archived", "persona", "branch");
    List<Command> commands = new ArrayList<>();
    if (body.has("archived") && !body.flag("archived", false)) {
      commands.add(new Command.Restore(by)); // first: the others need it
    }
    if (body.has("title")) {
      commands.add(new Command.Rename(by, body.text("title")));
    }
    if (body.has("persona")) {
      commands.add(
          new Command.SwitchPersona(by, body.text("branch", Conversation.MAIN), persona(body)));
    }
    if (body.flag("archived", false)) {
      commands.add(new Command.Archive(by));
    }
    if (commands.isEmpty()) {
      throw Rejection.badField("body: nothing to change (expected: title, archived or persona)");
    }
    CompletableFuture<Answer.@Nullable Done> done = CompletableFuture.completedFuture(null);
    for (Command command : commands) {
      done = done.thenCompose(_ -> conversations.submit(id, command)).thenApply(Replies::require);
    }
    Replies.then(
        call.response(),
        done.thenCompose(
            _ -> read(call, body.text("branch", Conversation.MAIN), Snapshot.Page.NEWEST)),
        it -> Replies.send(call.response(), 200, it));
  }

  private void delete(Call call) {
    submit(call, new Command.Delete(call.person()));
  }

  private void addMember(Call call) {
    Role role = call.body().only("role").word("role", Role.class);
    submit(call, new Command.AddMember(call.person(), call.name("person"), role));
  }

  private void removeMember(Call call) {
    submit(call, new Command.RemoveMember(call.person(), call.name("person")));
  }

  private void submit(Call call, Command command) {
    Replies.then(
        call.response(),
        conversations.submit(call.conversation(), command).thenApply(Replies::require),
        _ -> Replies.done(call.response()));
  }

  private void events(Call call) {
    String id = call.conversation();
    String branch = branch(call);
    long asked = call.after();
    String reader = Objects.requireNonNullElse(call.reader(), "");
    CompletableFuture<Access.Seen> checked =
        access.read(
            call,
            id,
            it -> {
              Branch found = it.conversation().branch(branch);
              if (found == null) {
                throw Rejection.noBranch(branch);
              }
              return it;
            });
    boolean[] member = new boolean[1];
    Replies.then(
        call.response(),
        checked.thenCompose(seen -> {
          member[0] = seen.role() != null;
          return sse.hub().head(ConversationPaths.branch(id, branch));
        }),
        head -> {
          StreamInfo info = head.filter(it -> !it.deleted()).orElseThrow(Rejection::noConversation);
          long after = from(asked, info);
          SseAnswer answer = sse.begin(call, SseEncoder.EACH, info, id, reader, member[0]);
          answer.follow(after);
          sse.recheck(access.read(call, id, _ -> true), answer);
        });
  }

  /** Where to begin, checked against what there is. */
  static long from(long asked, StreamInfo info) {
    long after = asked < 0 ? info.first() - 1 : asked;
    if (after > info.tail()) {
      throw Rejection.of(
          Refusal.OFFSET, "after: " + after + " (expected: 0 to " + info.tail() + ")");
    }
    if (after < info.first() - 1) {
      throw new HttpError(
          410, "trimmed", "after: before the oldest event kept, " + info.first(), false);
    }
    return after;
  }

  private void typing(Call call) {
    String id = call.conversation();
    String person = call.person();
    boolean types = call.body().only("typing").flag("typing", true);
    Replies.then(
        call.response(),
        access.read(call, id, it -> it.role() != null),
        member -> {
          if (!member) {
            throw Rejection.noConversation();
          }
          sse.rooms().typing(id, person, types, call.response().loop());
          Replies.done(call.response());
        });
  }
}
