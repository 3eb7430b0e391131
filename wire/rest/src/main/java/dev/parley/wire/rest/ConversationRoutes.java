package dev.parley.wire.rest;

import dev.parley.conversation.Branch;
import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.request.Access;
import dev.parley.conversation.request.Asker;
import dev.parley.conversation.request.ConversationRequests;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.request.Snapshot;
import dev.parley.stream.Quotable;
import dev.parley.stream.StreamInfo;
import dev.parley.transport.HttpError;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/** Conversations as a whole: their list, state, members and events. On event loops. */
final class ConversationRoutes {
  private final ConversationRequests requests;
  private final Access access;
  private final SseAnswers sse;

  ConversationRoutes(ConversationRequests requests, Access access, SseAnswers sse) {
    this.requests = requests;
    this.access = access;
    this.sse = sse;
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
      throw RequestRefused.badField(
          "archived: " + Quotable.of(archived) + " (expected: true or false)");
    }
    String limit = call.query("limit");
    int all = ConversationRequests.MOST_LINES;
    long most = limit == null ? all : Call.number("limit", limit, 1, all);
    answer(call, requests.list(call.asker(), "true".equals(archived), most));
  }

  private static void answer(Call call, CompletableFuture<ObjectNode> answer) {
    Replies.then(call.response(), answer, json -> Replies.send(call.response(), 200, json));
  }

  private void create(Call call) {
    boolean keyed = call.idempotencyKey() != null;
    Replies.then(
        call.response(),
        requests.create(call.asker(), call.named("id")),
        it -> {
          if (keyed && !it.isAsAsked()) {
            throw IdempotentNames.usedBefore();
          }
          call.response().headers().set("location", "/api/conversations/" + it.conversation());
          Replies.send(call.response(), it.isNew() || keyed ? 201 : 200, it.snapshot());
        });
  }

  private void get(Call call) {
    String limit = call.query("limit");
    int most =
        limit == null
            ? Snapshot.Page.NEWEST.limit()
            : (int) Call.number("limit", limit, 1, Snapshot.Page.MOST);
    Snapshot.Page page = new Snapshot.Page(call.query("before"), most);
    answer(call, requests.snapshot(call.asker(), call.conversation(), branch(call), page));
  }

  private static String branch(Call call) {
    String branch = call.query("branch");
    return branch == null ? Conversation.MAIN : branch;
  }

  private void change(Call call) {
    answer(call, requests.change(call.asker(), call.conversation(), call.body()));
  }

  private void delete(Call call) {
    TurnRoutes.done(call, requests.delete(call.asker(), call.conversation()));
  }

  private void addMember(Call call) {
    TurnRoutes.done(
        call,
        requests.addMember(call.asker(), call.conversation(), call.name("person"), call.body()));
  }

  private void removeMember(Call call) {
    TurnRoutes.done(
        call, requests.removeMember(call.asker(), call.conversation(), call.name("person")));
  }

  private void events(Call call) {
    String id = call.conversation();
    String branch = branch(call);
    long asked = call.after();
    Asker asker = call.asker();
    String reader = Objects.requireNonNullElse(asker.reader(), "");
    CompletableFuture<Access.Seen> checked =
        access.read(
            asker,
            id,
            it -> {
              Branch found = it.conversation().branch(branch);
              if (found == null) {
                throw RequestRefused.noBranch(branch);
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
          StreamInfo info =
              head.filter(it -> !it.deleted()).orElseThrow(RequestRefused::noConversation);
          long after = from(asked, info);
          SseAnswer answer = sse.begin(call, SseEncoder.EACH, info, id, reader, member[0]);
          answer.follow(after);
          sse.recheck(access.read(asker, id, _ -> true), answer);
        });
  }

  /** Where to begin, checked against what there is. */
  static long from(long asked, StreamInfo info) {
    long after = asked < 0 ? info.first() - 1 : asked;
    if (after > info.tail()) {
      throw RequestRefused.of(
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
    Asker asker = call.asker();
    boolean types = call.body().only("typing").flag("typing", true);
    Replies.then(
        call.response(),
        requests.member(asker, id),
        _ -> {
          sse.rooms().typing(id, asker.person(), types, call.response().loop());
          Replies.done(call.response());
        });
  }
}
