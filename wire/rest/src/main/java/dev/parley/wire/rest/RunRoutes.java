package dev.parley.wire.rest;

import dev.parley.conversation.Command;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.run.Answer;
import dev.parley.conversation.run.Conversations;
import dev.parley.conversation.run.Conversations.RunPlace;
import dev.parley.hub.Hub;
import dev.parley.stream.Message;
import dev.parley.stream.Slice;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Replies: following, stopping and steering them, and their tools. On event loops. */
final class RunRoutes {
  private static final int PAGE = 4096;
  private static final int PAGE_BYTES = 1 << 20;
  private static final int MOST_JOINED = 16 << 20; // bytes that are put together at once

  private final Conversations conversations;
  private final Access access;
  private final SseAnswers sse;
  private final Hub hub;

  RunRoutes(Conversations conversations, Access access, SseAnswers sse) {
    this.conversations = conversations;
    this.access = access;
    this.sse = sse;
    this.hub = sse.hub();
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
    String reader = Objects.requireNonNullElse(call.reader(), "");
    StreamPath path = Call.isName(run) ? ConversationPaths.run(run) : null;
    if (path == null) {
      throw Rejection.noRun();
    }
    CompletableFuture<RunPlace> place = access.readRun(call, run);
    if (!streams) {
      Replies.then(
          call.response(),
          place.thenCompose(_ -> all(path)),
          shown -> Replies.send(call.response(), 200, RunStatus.of(shown.messages())));
    } else if (after < 0) {
      Replies.then(
          call.response(),
          place.thenCombine(place.thenCompose(_ -> all(path)), Joined::new),
          it -> fromTheBeginning(call, it.place(), it.shown(), reader));
    } else {
      Replies.then(
          call.response(),
          place.thenCombine(place.thenCompose(_ -> hub.head(path)), Headed::new),
          it -> goOn(call, it.place(), it.info().orElseThrow(Rejection::noRun), reader, after));
    }
  }

  private record Joined(RunPlace place, Shown shown) {}

  private record Headed(RunPlace place, Optional<StreamInfo> info) {}

  /** What a run has shown so far. */
  private record Shown(StreamInfo info, List<Message> messages, boolean upToDate) {}

  private CompletableFuture<Shown> all(StreamPath path) {
    return more(path, new ArrayList<>(), 0, 0);
  }

  private CompletableFuture<Shown> more(
      StreamPath path, List<Message> messages, long after, long bytes) {
    return hub.read(path, after, PAGE, PAGE_BYTES)
        .thenCompose(found -> {
          Slice slice = found.orElseThrow(Rejection::noRun);
          messages.addAll(slice.messages());
          long sum = bytes;
          for (Message message : slice.messages()) {
            sum += message.bytes().length;
          }
          return slice.upToDate() || sum > MOST_JOINED
              ? CompletableFuture.completedFuture(
                  new Shown(slice.info(), messages, slice.upToDate()))
              : more(path, messages, slice.next(), sum);
        });
  }

  private void fromTheBeginning(Call call, RunPlace place, Shown shown, String reader) {
    SseAnswer answer = begin(call, place, shown.info(), reader);
    answer.write(SseEncoder.JOINED.events(shown.messages()));
    if (shown.upToDate() && shown.info().closed()) {
      answer.end();
    } else {
      answer.follow(shown.messages().getLast().offset());
    }
  }

  private void goOn(Call call, RunPlace place, StreamInfo info, String reader, long after) {
    if (info.closed() && after >= info.tail()) {
      Replies.done(call.response()); // nothing can follow: the browser need not come back
    } else {
      long from = ConversationRoutes.from(after, info);
      begin(call, place, info, reader).follow(from);
    }
  }

  private SseAnswer begin(Call call, RunPlace place, StreamInfo info, String reader) {
    SseAnswer answer =
        sse.begin(call, SseEncoder.JOINED, info, place.conversation(), reader, false);
    sse.recheck(access.read(call, place.conversation(), _ -> true), answer);
    return answer;
  }

  // --- having a say

  private void stop(Call call) {
    var _ = call.body().only();
    submit(call, new Command.Stop(call.person(), run(call), List.of()));
  }

  private void steer(Call call) {
    Body body =
        call.named("turn", "clientMessageId")
            .only("text", "parts", "clientMessageId", "turn", "ai");
    String turn = body.optionalText("turn");
    String messageId = body.optionalText("clientMessageId");
    List<TurnPart> parts = TurnRoutes.parts(body);
    submit(
        call,
        new Command.Steer(
            call.person(),
            run(call),
            turn == null ? Call.newName() : turn,
            messageId == null ? turn : messageId,
            body.flag("ai", false),
            parts,
            List.of()));
  }

  private void approve(Call call) {
    Body body = call.body().only("call");
    submit(call, new Command.ApproveTool(call.person(), run(call), body.text("call")));
  }

  private void deny(Call call) {
    Body body = call.body().only("call", "reason");
    submit(
        call,
        new Command.DenyTool(call.person(), run(call), body.text("call"), body.text("reason", "")));
  }

  private static String run(Call call) {
    String run = call.name("run");
    if (!Call.isName(run)) {
      throw Rejection.noRun();
    }
    return run;
  }

  private void submit(Call call, Command command) {
    answer(
        call,
        access
            .find(run(call))
            .thenCompose(place -> conversations.submit(place.conversation(), command)));
  }

  /** To who is no member the run is not there, whatever the conversation says. */
  private static void answer(Call call, CompletableFuture<Answer> answer) {
    String run = run(call);
    boolean keyed = call.idempotencyKey() != null;
    Replies.then(
        call.response(),
        answer.thenApply(it -> {
          if (it instanceof Answer.Refused(Refusal refusal, String _)
              && refusal == Refusal.NO_CONVERSATION) {
            throw Rejection.noRun();
          }
          return Replies.require(it, keyed);
        }),
        done ->
            Replies.accepted(
                call.response(), new Answer.Done(done.branch(), done.offset(), done.turn(), run)));
  }

  private void result(Call call) {
    Body body = call.body().only("call", "result");
    String id = body.text("call");
    if (!body.node().has("result")) {
      throw body.unlike("result", "JSON");
    }
    String json = new String(Json.write(body.get("result")), StandardCharsets.UTF_8);
    Function<RunPlace, CompletableFuture<Answer>> handIn =
        place -> conversations.returnTool(place, id, json);
    answer(call, access.answerFor(call, run(call)).thenCompose(handIn));
  }
}
