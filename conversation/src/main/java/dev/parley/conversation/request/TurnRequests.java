package dev.parley.conversation.request;

import dev.parley.conversation.Command;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.EventJson;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.Run;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Provider;
import dev.parley.conversation.run.Answer;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Roster;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What people say, and where they branch. */
public final class TurnRequests {
  private static final EventJson EVENTS = new EventJson();

  private final Conversations conversations;
  private final Roster roster;
  private final Access access;

  public TurnRequests(Conversations conversations, Roster roster, Access access) {
    this.conversations = conversations;
    this.roster = roster;
    this.access = access;
  }

  public CompletableFuture<ObjectNode> say(Asker asker, String conversation, Body given) {
    Body body =
        given.only("branch", "text", "parts", "clientMessageId", "turn", "run", "reply", "ai");
    return conversations
        .submit(
            conversation,
            new Command.Say(
                asker.person(),
                branch(body),
                name(body, "turn"),
                messageId(body),
                body.flag("ai", false),
                parts(body),
                ask(body)))
        .thenApply(Accepted::json);
  }

  public CompletableFuture<ObjectNode> edit(
      Asker asker, String conversation, String turn, Body given) {
    Body body =
        given.only(
            "branch",
            "newBranch",
            "text",
            "parts",
            "clientMessageId",
            "turn",
            "run",
            "reply",
            "ai");
    return conversations
        .submit(
            conversation,
            new Command.Edit(
                asker.person(),
                branch(body),
                turn,
                name(body, "newBranch"),
                name(body, "turn"),
                messageId(body),
                body.flag("ai", false),
                parts(body),
                ask(body)))
        .thenApply(Accepted::json);
  }

  public CompletableFuture<ObjectNode> regenerate(
      Asker asker, String conversation, String turn, Body given) {
    Body body = given.only("branch", "newBranch", "run", "persona");
    Command.Ask ask = ask(body, name(body, "run"));
    return submitOnce(
        asker,
        conversation,
        body,
        new Command.Regenerate(asker.person(), branch(body), turn, name(body, "newBranch"), ask));
  }

  /** A reply to what is there. */
  public CompletableFuture<ObjectNode> reply(Asker asker, String conversation, Body given) {
    Body body = given.only("branch", "run", "persona", "onBusy");
    return submitOnce(
        asker,
        conversation,
        body,
        new Command.Request(asker.person(), branch(body), ask(body, name(body, "run"))));
  }

  /** Sent again with the name of a run that it made, it is answered as it was before. */
  private CompletableFuture<ObjectNode> submitOnce(
      Asker asker, String id, Body body, Command command) {
    String person = asker.person();
    String run = body.optionalText("run");
    CompletableFuture<Answer> answer = conversations.submit(id, command);
    if (run != null) {
      answer =
          answer.thenCompose(first ->
              first instanceof Answer.Refused refused
                      && (refused.refusal() == Refusal.RUN_EXISTS
                          || refused.refusal() == Refusal.BRANCH_EXISTS)
                  ? conversations.view(id, it -> before(it, run, person, first))
                  : CompletableFuture.completedFuture(first));
    }
    return answer.thenApply(Accepted::json);
  }

  private static Answer before(Conversation it, String run, String person, Answer otherwise) {
    Run found = it.run(run);
    return found != null && found.request().by().equals(person)
        ? new Answer.Done(found.branch().id(), found.branch().tail(), null, run)
        : otherwise;
  }

  public CompletableFuture<?> markRead(Asker asker, String conversation, Body given) {
    Body body = given.only("branch", "offset");
    return conversations
        .submit(
            conversation, new Command.MarkRead(asker.person(), branch(body), body.number("offset")))
        .thenApply(Accepted::require);
  }

  /** A hint that a reply will be asked for: what it would have to wait for is made ready. */
  public CompletableFuture<?> warm(Asker asker, String conversation, Body given) {
    Body body = given.only("branch", "persona");
    String branch = branch(body);
    PersonaRef named = persona(body);
    return access
        .read(
            asker,
            conversation,
            it -> {
              var found = it.conversation().branch(branch);
              if (found == null) {
                throw RequestRefused.noBranch(branch);
              }
              PersonaRef who = named != null ? named : found.persona();
              return who == null ? "" : who.id();
            })
        .thenAccept(who -> {
          Persona persona = roster.newest(who);
          Provider provider = persona == null ? null : roster.provider(persona);
          if (provider != null) {
            provider.warm();
          }
        });
  }

  private static String branch(Body body) {
    return body.text("branch", Conversation.MAIN);
  }

  private static String name(Body body, String key) {
    String given = body.optionalText(key);
    return given == null ? Names.fresh() : given;
  }

  /** Who names what is made and not the message sends the same message when it is sent again. */
  private static @Nullable String messageId(Body body) {
    for (String key : List.of("clientMessageId", "turn", "run", "newBranch")) {
      if (body.has(key)) {
        return body.text(key);
      }
    }
    return null;
  }

  private Command.@Nullable Ask ask(Body body) {
    if (!body.has("reply") || body.get("reply").isBoolean()) {
      return body.flag("reply", true) ? new Command.Ask(name(body, "run")) : null;
    }
    if (!body.get("reply").isObject()) {
      throw body.unlike("reply", "true, false or an object");
    }
    Body reply = new Body("reply.", body.get("reply")).only("persona", "onBusy");
    return ask(reply, name(body, "run"));
  }

  private Command.Ask ask(Body reply, String run) {
    return new Command.Ask(
        run, persona(reply), reply.word("onBusy", OnBusy.class, OnBusy.QUEUE), List.of());
  }

  private @Nullable PersonaRef persona(Body body) {
    String id = body.optionalText("persona");
    if (id == null) {
      return null;
    }
    Persona persona = roster.newest(id);
    if (persona == null) {
      throw body.unlike("persona", "the id of a persona, see /api/personas");
    }
    return persona.ref();
  }

  /** What a person says: {@code text}, or {@code parts} of kinds that people may use. */
  static List<TurnPart> parts(Body body) {
    if (body.has("text") == body.has("parts")) {
      throw RequestRefused.badField(
          body.has("text")
              ? "text, parts: both (expected: one of them)"
              : "text: nothing (expected: a string, or parts)");
    }
    if (body.has("text")) {
      return List.of(new TurnPart.Text(body.text("text")));
    }
    List<TurnPart> parts = EVENTS.parts(body.node());
    for (TurnPart part : parts) {
      switch (part) {
        case TurnPart.Text _, TurnPart.File _, TurnPart.Unknown _ -> {}
        case TurnPart.Reasoning _, TurnPart.ToolCall _, TurnPart.ToolResult _ ->
            throw RequestRefused.badField(
                "parts: what only a reply can have (expected: text, file or a kind of your own)");
      }
    }
    return parts;
  }
}
