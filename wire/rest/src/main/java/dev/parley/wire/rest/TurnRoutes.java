package dev.parley.wire.rest;

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

/** What people say, and where they branch. On event loops. */
final class TurnRoutes {
  private static final EventJson EVENTS = new EventJson();

  private final Conversations conversations;
  private final Roster roster;
  private final Access access;

  TurnRoutes(Conversations conversations, Roster roster, Access access) {
    this.conversations = conversations;
    this.roster = roster;
    this.access = access;
  }

  List<Route> routes() {
    return List.of(
        Route.of("POST", "/api/conversations/{id}/turns", this::say),
        Route.of("POST", "/api/conversations/{id}/turns/{turn}/edit", this::edit),
        Route.of("POST", "/api/conversations/{id}/turns/{turn}/regenerate", this::regenerate),
        Route.of("POST", "/api/conversations/{id}/reply", this::reply),
        Route.of("POST", "/api/conversations/{id}/read", this::markRead),
        Route.of("POST", "/api/conversations/{id}/warm", this::warm));
  }

  private void say(Call call) {
    Body body =
        call.named("turn", "run", "clientMessageId")
            .only("branch", "text", "parts", "clientMessageId", "turn", "run", "reply", "ai");
    Replies.accepted(
        call,
        conversations.submit(
            call.conversation(),
            new Command.Say(
                call.person(),
                branch(body),
                name(body, "turn"),
                messageId(body),
                body.flag("ai", false),
                parts(body),
                ask(body))));
  }

  private void edit(Call call) {
    Body body =
        call.named("newBranch", "turn", "run", "clientMessageId")
            .only(
                "branch",
                "newBranch",
                "text",
                "parts",
                "clientMessageId",
                "turn",
                "run",
                "reply",
                "ai");
    Replies.accepted(
        call,
        conversations.submit(
            call.conversation(),
            new Command.Edit(
                call.person(),
                branch(body),
                call.name("turn"),
                name(body, "newBranch"),
                name(body, "turn"),
                messageId(body),
                body.flag("ai", false),
                parts(body),
                ask(body))));
  }

  private void regenerate(Call call) {
    Body body = call.named("newBranch", "run").only("branch", "newBranch", "run", "persona");
    Command.Ask ask = ask(body, name(body, "run"));
    submitOnce(
        call,
        body,
        new Command.Regenerate(
            call.person(), branch(body), call.name("turn"), name(body, "newBranch"), ask));
  }

  private void reply(Call call) {
    Body body = call.named("run").only("branch", "run", "persona", "onBusy");
    submitOnce(
        call, body, new Command.Request(call.person(), branch(body), ask(body, name(body, "run"))));
  }

  /** Sent again with the name of a run that it made, it is answered as it was before. */
  private void submitOnce(Call call, Body body, Command command) {
    String id = call.conversation();
    String person = call.person();
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
    Replies.accepted(call, answer);
  }

  private static Answer before(Conversation it, String run, String person, Answer otherwise) {
    Run found = it.run(run);
    return found != null && found.request().by().equals(person)
        ? new Answer.Done(found.branch().id(), found.branch().tail(), null, run)
        : otherwise;
  }

  private void markRead(Call call) {
    Body body = call.body().only("branch", "offset");
    Replies.then(
        call.response(),
        conversations
            .submit(
                call.conversation(),
                new Command.MarkRead(call.person(), branch(body), body.number("offset")))
            .thenApply(Replies::require),
        _ -> Replies.done(call.response()));
  }

  /** A hint that a reply will be asked for: what it would have to wait for is made ready. */
  private void warm(Call call) {
    Body body = call.body().only("branch", "persona");
    String branch = branch(body);
    PersonaRef named = persona(body);
    Replies.then(
        call.response(),
        access.read(
            call,
            call.conversation(),
            it -> {
              var found = it.conversation().branch(branch);
              if (found == null) {
                throw Rejection.noBranch(branch);
              }
              PersonaRef who = named != null ? named : found.persona();
              return who == null ? "" : who.id();
            }),
        who -> {
          Persona persona = roster.newest(who);
          Provider provider = persona == null ? null : roster.provider(persona);
          if (provider != null) {
            provider.warm();
          }
          Replies.done(call.response());
        });
  }

  private static String branch(Body body) {
    return body.text("branch", Conversation.MAIN);
  }

  private static String name(Body body, String key) {
    String given = body.optionalText(key);
    return given == null ? Call.newName() : given;
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
      throw Rejection.badField(
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
            throw Rejection.badField(
                "parts: what only a reply can have (expected: text, file or a kind of your own)");
      }
    }
    return parts;
  }
}
