package dev.parley.wire.rest;

import dev.parley.conversation.request.Asker;
import dev.parley.conversation.request.Body;
import dev.parley.conversation.request.TurnRequests;
import dev.parley.conversation.run.Conversations;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/** What people say, and where they branch. On event loops. */
final class TurnRoutes {
  private final Conversations conversations;
  private final TurnRequests turns;

  TurnRoutes(Conversations conversations, TurnRequests turns) {
    this.conversations = conversations;
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
    once(call, turns::say, "turn", "run", "clientMessageId");
  }

  private void edit(Call call) {
    String turn = call.name("turn");
    once(
        call,
        (asker, id, body) -> turns.edit(asker, id, turn, body),
        "newBranch",
        "turn",
        "run",
        "clientMessageId");
  }

  private void regenerate(Call call) {
    String turn = call.name("turn");
    once(call, (asker, id, body) -> turns.regenerate(asker, id, turn, body), "newBranch", "run");
  }

  private void reply(Call call) {
    once(call, turns::reply, "run");
  }

  @FunctionalInterface
  private interface Asked {
    CompletableFuture<ObjectNode> of(Asker asker, String conversation, Body body);
  }

  /** Under a key, what it was used for is looked up first. */
  private void once(Call call, Asked asked, String... fields) {
    Asker asker = call.asker();
    String id = call.conversation();
    Body body = call.body();
    String key = call.idempotencyKey();
    if (key == null) {
      accepted(call, asked.of(asker, id, body));
      return;
    }
    IdempotentNames names = IdempotentNames.of(call, key, body);
    Body named = names.into(body, fields);
    accepted(
        call,
        conversations
            .view(id, it -> names.unlessReused(it, named))
            .thenCompose(it -> RestWire.meant(() -> asked.of(asker, id, it))));
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
