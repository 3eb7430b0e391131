package dev.parley.wire.rest;

import dev.parley.conversation.request.TurnRequests;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/** What people say, and where they branch. On event loops. */
final class TurnRoutes {
  private final TurnRequests turns;

  TurnRoutes(TurnRequests turns) {
    this.turns = turns;
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
    accepted(
        call,
        turns.say(call.asker(), call.conversation(), call.named("turn", "run", "clientMessageId")));
  }

  private void edit(Call call) {
    accepted(
        call,
        turns.edit(
            call.asker(),
            call.conversation(),
            call.name("turn"),
            call.named("newBranch", "turn", "run", "clientMessageId")));
  }

  private void regenerate(Call call) {
    accepted(
        call,
        turns.regenerate(
            call.asker(), call.conversation(), call.name("turn"), call.named("newBranch", "run")));
  }

  private void reply(Call call) {
    accepted(call, turns.reply(call.asker(), call.conversation(), call.named("run")));
  }

  /** With the names of what was made. */
  static void accepted(Call call, CompletableFuture<ObjectNode> answer) {
    Replies.then(
        call.response(),
        IdempotentNames.checked(call, answer),
        json -> Replies.send(call.response(), 202, json));
  }

  private void markRead(Call call) {
    done(call, turns.markRead(call.asker(), call.conversation(), call.body()));
  }

  private void warm(Call call) {
    done(call, turns.warm(call.asker(), call.conversation(), call.body()));
  }

  static void done(Call call, CompletableFuture<?> answer) {
    Replies.then(call.response(), answer, _ -> Replies.done(call.response()));
  }
}
