package dev.parley.wire.rest;

import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.request.Access;
import dev.parley.conversation.request.Asker;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.request.RunRequests;
import dev.parley.conversation.request.RunRequests.Shown;
import dev.parley.conversation.run.Conversations.RunPlace;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Replies: following, stopping and steering them, and their tools. On event loops. */
final class RunRoutes {
  private final RunRequests requests;
  private final Access access;
  private final SseAnswers sse;

  RunRoutes(RunRequests requests, Access access, SseAnswers sse) {
    this.requests = requests;
    this.access = access;
    this.sse = sse;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/api/runs/{run}", this::get),
        Route.of("POST", "/api/runs/{run}/stop", this::stop),
        Route.of("POST", "/api/runs/{run}/steer", this::steer),
        Route.of("POST", "/api/runs/{run}/approve", this::approve),
        Route.of("POST", "/api/runs/{run}/deny", this::deny),
        Route.of("POST", "/api/runs/{run}/result", this::result));
  }

  // --- following

  private void get(Call call) {
    String accept = call.request().header("accept");
    boolean streams =
        accept != null && accept.toLowerCase(Locale.ROOT).contains("text/event-stream");
    long after = call.after();
    String run = call.name("run");
    Asker asker = call.asker();
    if (!streams) {
      Replies.then(
          call.response(),
          requests.status(asker, run),
          status -> Replies.send(call.response(), 200, status));
      return;
    }
    CompletableFuture<RunPlace> place = access.readRun(asker, run);
    StreamPath path = ConversationPaths.run(run);
    if (after < 0) {
      Replies.then(
          call.response(),
          place.thenCombine(place.thenCompose(_ -> requests.shown(path)), Joined::new),
          it -> fromTheBeginning(call, it.place(), it.shown(), asker));
    } else {
      Replies.then(
          call.response(),
          place.thenCombine(place.thenCompose(_ -> sse.hub().head(path)), Headed::new),
          it -> goOn(call, it.place(), it.info().orElseThrow(RequestRefused::noRun), asker, after));
    }
  }

  private record Joined(RunPlace place, Shown shown) {}

  private record Headed(RunPlace place, Optional<StreamInfo> info) {}

  private void fromTheBeginning(Call call, RunPlace place, Shown shown, Asker asker) {
    SseAnswer answer = begin(call, place, shown.info(), asker);
    answer.write(SseEncoder.JOINED.events(shown.messages()));
    if (shown.upToDate() && shown.info().closed()) {
      answer.end();
    } else {
      answer.follow(shown.messages().getLast().offset());
    }
  }

  private void goOn(Call call, RunPlace place, StreamInfo info, Asker asker, long after) {
    if (info.closed() && after >= info.tail()) {
      Replies.done(call.response()); // nothing can follow: the browser need not come back
    } else {
      long from = ConversationRoutes.from(after, info);
      begin(call, place, info, asker).follow(from);
    }
  }

  private SseAnswer begin(Call call, RunPlace place, StreamInfo info, Asker asker) {
    String reader = Objects.requireNonNullElse(asker.reader(), "");
    SseAnswer answer =
        sse.begin(call, SseEncoder.JOINED, info, place.conversation(), reader, false);
    sse.recheck(access.read(asker, place.conversation(), _ -> true), answer);
    return answer;
  }

  // --- having a say

  private void stop(Call call) {
    TurnRoutes.accepted(call, requests.stop(call.asker(), call.name("run"), call.body()));
  }

  private void steer(Call call) {
    TurnRoutes.accepted(
        call,
        requests.steer(call.asker(), call.name("run"), call.named("turn", "clientMessageId")));
  }

  private void approve(Call call) {
    TurnRoutes.accepted(call, requests.approve(call.asker(), call.name("run"), call.body()));
  }

  private void deny(Call call) {
    TurnRoutes.accepted(call, requests.deny(call.asker(), call.name("run"), call.body()));
  }

  private void result(Call call) {
    TurnRoutes.accepted(call, requests.result(call.asker(), call.name("run"), call.body()));
  }
}
