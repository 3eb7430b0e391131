package dev.parley.wire.talk;

import dev.parley.conversation.Conversation;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.request.Access;
import dev.parley.conversation.request.Body;
import dev.parley.conversation.request.RequestRefused;
import dev.parley.conversation.request.RunRequests;
import dev.parley.conversation.request.RunRequests.Shown;
import dev.parley.conversation.request.Snapshot;
import dev.parley.stream.StreamPath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Opening and leaving branches and runs. Begins on the loop of the guest. */
final class Following {
  private static final int MOST_RUNS = 32; // that one request names

  private final Access access;
  private final RunRequests runs;
  private final Snapshot snapshot;

  Following(Access access, RunRequests runs, Snapshot snapshot) {
    this.access = access;
    this.runs = runs;
    this.snapshot = snapshot;
  }

  /**
   * An answer after which something begins.
   *
   * @param begin on the loop of the guest
   */
  record Opened(ObjectNode answer, Runnable begin) {}

  private record Looked(ObjectNode snapshot, boolean member) {}

  /** A run that is to be followed: from an offset, or from what it has shown, which was read. */
  private record Running(String run, String branch, long after, @Nullable Shown shown) {}

  /** A branch from its snapshot or an offset on, and the runs in it. */
  CompletableFuture<Opened> open(Guest guest, Request request) {
    String id = request.conversation();
    Body body = request.body(1).only("branch", "after", "runs", "limit");
    String branch = body.text("branch", Conversation.MAIN);
    StreamPath path = ConversationPaths.branch(id, branch);
    guest.requireRoomFor(path);
    long after = offset(body, "after");
    Map<String, Long> seen = seen(body);
    Snapshot.Page page = Snapshot.Page.of(body);
    String reader = guest.asker().reader();
    return access
        .read(
            guest.asker(),
            id,
            it ->
                new Looked(snapshot.of(it.conversation(), branch, reader, page), it.role() != null))
        .thenCompose(looked -> {
          long tail = looked.snapshot().path("offset").longValue();
          if (after > tail) {
            throw RequestRefused.of(
                Refusal.OFFSET, "after: " + after + " (expected: 0 to " + tail + ")");
          }
          return running(guest, id, branch, looked.snapshot(), seen)
              .thenApply(found -> {
                if (after >= 0) {
                  looked
                      .snapshot()
                      .put("offset", after)
                      .remove(List.of("turns", "earlier", "ended"));
                }
                return new Opened(
                    looked.snapshot(),
                    () -> {
                      guest.follow(
                          Followed.branch(guest, id, branch, looked.member(), tail),
                          after < 0 ? tail : after);
                      found.forEach(run -> follow(guest, id, run));
                      guest.recheck(id); // who left meanwhile was not there to be told
                    });
              });
        });
  }

  private static long offset(Body body, String key) {
    long offset = body.has(key) ? body.number(key) : -1;
    if (body.has(key) && offset < 0) {
      throw body.unlike(key, "0 or more");
    }
    return offset;
  }

  /** Where the client is in runs. */
  private static Map<String, Long> seen(Body body) {
    Map<String, Long> seen = new LinkedHashMap<>();
    if (body.has("runs")) {
      JsonNode named = body.get("runs");
      if (!named.isObject() || named.size() > MOST_RUNS) {
        throw body.unlike("runs", "an offset by run, of at most " + MOST_RUNS);
      }
      Body offsets = new Body("runs.", named);
      named.propertyNames().forEach(run -> seen.put(run, Math.max(0, offset(offsets, run))));
    }
    return seen;
  }

  /** Those that have not ended, and those that the client has not seen the end of. */
  private CompletableFuture<List<Running>> running(
      Guest guest, String id, String branch, ObjectNode snapshot, Map<String, Long> seen) {
    List<CompletableFuture<@Nullable Running>> all = new ArrayList<>();
    Map<String, Long> left = new LinkedHashMap<>(seen);
    for (JsonNode each : snapshot.path("runs")) {
      String run = each.path("run").stringValue();
      Long from = left.remove(run);
      all.add(running(run, branch, from == null ? -1 : from).handle((found, _) -> found));
    }
    left.forEach((run, from) ->
        all.add(
            access
                .readRun(guest.asker(), run)
                .handle((place, failure) ->
                    failure == null && place.conversation().equals(id)
                        ? new Running(run, place.branch(), from, null)
                        : null)));
    return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
        .thenApply(
            _ -> all.stream().map(CompletableFuture::join).filter(Objects::nonNull).toList());
  }

  /**
   * @param after -1 for all it has shown
   */
  private CompletableFuture<Running> running(String run, String branch, long after) {
    return after >= 0
        ? CompletableFuture.completedFuture(new Running(run, branch, after, null))
        : runs.shown(ConversationPaths.run(run))
            .thenApply(shown -> new Running(run, branch, after, shown));
  }

  private static void follow(Guest guest, String conversation, Running it) {
    Followed run = Followed.run(guest, conversation, it.branch(), it.run());
    if (it.shown() == null) {
      guest.follow(run, it.after());
    } else {
      guest.follow(run, it.shown());
    }
  }

  /** A run, whether its branch is open or not. */
  CompletableFuture<Opened> openRun(Guest guest, Request request) {
    String run = request.name(0, "run");
    Body body = request.body(1).only("after");
    long after = offset(body, "after");
    guest.requireRoomFor(ConversationPaths.run(run));
    return access
        .readRun(guest.asker(), run)
        .thenCompose(place ->
            running(run, place.branch(), after)
                .thenApply(it -> {
                  String conversation = place.conversation();
                  ObjectNode answer = JsonNodeFactory.instance.objectNode().put("run", run);
                  return new Opened(
                      answer.put("conversation", conversation).put("branch", place.branch()),
                      () -> {
                        follow(guest, conversation, it);
                        guest.recheck(conversation);
                      });
                }));
  }

  /** A branch with its runs. */
  CompletableFuture<?> leave(Guest guest, Request request) {
    String id = request.conversation();
    String branch = request.body(1).only("branch").text("branch", Conversation.MAIN);
    guest.leave(each -> each.isOf(id, branch));
    return CompletableFuture.completedFuture(null);
  }

  CompletableFuture<?> leaveRun(Guest guest, Request request) {
    String run = request.only(1).name(0, "run");
    StreamPath path = ConversationPaths.run(run);
    guest.leave(each -> each.path().equals(path));
    return CompletableFuture.completedFuture(null);
  }
}
