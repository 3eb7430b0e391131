package dev.parley.conversation.request;

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
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Replies: looking at, stopping and steering them, and their tools. */
public final class RunRequests {
  private static final JsonMapper ASCII =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();
  private static final int PAGE = 4096;
  private static final int PAGE_BYTES = 1 << 20;
  private static final int MOST_JOINED = 16 << 20; // bytes that are put together at once

  private final Hub hub;
  private final Conversations conversations;
  private final Access access;

  public RunRequests(Hub hub, Conversations conversations, Access access) {
    this.hub = hub;
    this.conversations = conversations;
    this.access = access;
  }

  /** What a run comes to so far. */
  public CompletableFuture<ObjectNode> status(Asker asker, String run) {
    return access
        .readRun(asker, run)
        .thenCompose(_ -> shown(ConversationPaths.run(run)))
        .thenApply(shown -> RunStatus.of(shown.messages()));
  }

  /** What a run has shown so far, or the first of it when that is very much. */
  public record Shown(StreamInfo info, List<Message> messages, boolean upToDate) {}

  /** What a run has shown, whoever asks. */
  public CompletableFuture<Shown> shown(StreamPath path) {
    return more(path, new ArrayList<>(), 0, 0);
  }

  private CompletableFuture<Shown> more(
      StreamPath path, List<Message> messages, long after, long bytes) {
    return hub.read(path, after, PAGE, PAGE_BYTES)
        .thenCompose(found -> {
          Slice slice = found.orElseThrow(RequestRefused::noRun);
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

  public CompletableFuture<ObjectNode> stop(Asker asker, String run, Body body) {
    var _ = body.only();
    return submit(run, new Command.Stop(asker.person(), run, List.of()));
  }

  public CompletableFuture<ObjectNode> steer(Asker asker, String run, Body given) {
    Body body = given.only("text", "parts", "clientMessageId", "turn", "ai");
    String turn = body.optionalText("turn");
    String messageId = body.optionalText("clientMessageId");
    List<TurnPart> parts = TurnRequests.parts(body);
    return submit(
        run,
        new Command.Steer(
            asker.person(),
            run,
            turn == null ? Names.fresh() : turn,
            messageId == null ? turn : messageId,
            body.flag("ai", false),
            parts,
            List.of()));
  }

  public CompletableFuture<ObjectNode> approve(Asker asker, String run, Body given) {
    Body body = given.only("call");
    return submit(run, new Command.ApproveTool(asker.person(), run, body.text("call")));
  }

  public CompletableFuture<ObjectNode> deny(Asker asker, String run, Body given) {
    Body body = given.only("call", "reason");
    return submit(
        run, new Command.DenyTool(asker.person(), run, body.text("call"), body.text("reason", "")));
  }

  private CompletableFuture<ObjectNode> submit(String run, Command command) {
    return answer(
        run,
        access.find(run).thenCompose(place -> conversations.submit(place.conversation(), command)));
  }

  /** To who is no member the run is not there, whatever the conversation says. */
  private static CompletableFuture<ObjectNode> answer(
      String run, CompletableFuture<Answer> answer) {
    return answer.thenApply(it -> {
      if (it instanceof Answer.Refused(Refusal refusal, String _)
          && refusal == Refusal.NO_CONVERSATION) {
        throw RequestRefused.noRun();
      }
      return Accepted.json(Accepted.require(it), run);
    });
  }

  /** What a tool answered that the application calls. */
  public CompletableFuture<ObjectNode> result(Asker asker, String run, Body given) {
    Body body = given.only("call", "result");
    String call = body.text("call");
    if (!body.node().has("result")) {
      throw body.unlike("result", "JSON");
    }
    String json = json(body.get("result"));
    return answer(
        run,
        access
            .answerFor(asker, run)
            .thenCompose((RunPlace place) -> conversations.returnTool(place, call, json)));
  }

  /** Half a surrogate pair, which UTF-8 cannot hold, is escaped. */
  private static String json(JsonNode node) {
    String json = node.toString();
    return StandardCharsets.UTF_8.newEncoder().canEncode(json)
        ? json
        : ASCII.writeValueAsString(node);
  }
}
