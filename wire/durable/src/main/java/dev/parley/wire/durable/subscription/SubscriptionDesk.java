package dev.parley.wire.durable.subscription;

import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.wire.durable.OffsetToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers requests about subscriptions. Every method runs on the agent's thread and answers once
 * what it says is durable.
 */
final class SubscriptionDesk {
  private static final int LIST_PAGE = 1_000;
  private static final System.Logger LOG = System.getLogger(SubscriptionDesk.class.getName());

  private final SubscriptionAgent agent;

  /** Subscriptions whose streams are being looked up, with requests to create the same again. */
  private final Map<String, List<Runnable>> creating = new HashMap<>();

  SubscriptionDesk(SubscriptionAgent agent) {
    this.agent = agent;
  }

  /** Takes the answer to one request, on any thread. */
  interface Answer {
    /** Sends a status, with no body when it is {@code null}. */
    void send(int status, @Nullable ObjectNode body);

    void refuse(ApiError error);
  }

  /** What a request does on the agent's thread. */
  interface Task {
    void run() throws IOException;
  }

  /** Runs a step of a request, whose refusals and accidents become its answer. */
  static void guarded(Answer answer, Task task) {
    try {
      task.run();
    } catch (ApiError e) {
      answer.refuse(e);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "subscriptions: the webhook keys cannot be read", e);
      answer.refuse(new ApiError(ApiError.Code.UNAVAILABLE, "the webhook keys cannot be read"));
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "subscriptions: a request failed", e);
      answer.refuse(new ApiError(ApiError.Code.INTERNAL, "the server failed"));
    }
  }

  void create(Definition definition, String origin, Answer answer) throws IOException {
    String id = definition.id();
    Entry known = agent.registry().find(id);
    if (known != null) {
      if (!known.state.definition.equals(definition)) {
        throw new ApiError(
            ApiError.Code.SUBSCRIPTION_ALREADY_EXISTS,
            "subscription " + id + " exists with another configuration");
      }
      answer.send(200, view(known, origin));
      return;
    }
    List<Runnable> others = creating.get(id);
    if (others != null) {
      others.add(() -> guarded(answer, () -> create(definition, origin, answer)));
      return;
    }
    if (agent.registry().size() + creating.size() >= agent.config().maxSubscriptions()) {
      throw new ApiError(
          ApiError.Code.SUBSCRIPTION_LIMIT,
          "subscriptions: " + agent.registry().size() + " (expected: fewer than that)");
    }
    agent.secrets().keys(); // rather refused now than found unsigned later
    agent.watch();
    long since = agent.feed().applied();
    SubscriptionState state =
        new SubscriptionState(
            definition, origin, agent.clock().millis(), agent.config().maxStreams());
    creating.put(id, new ArrayList<>());
    CompletableFuture<?> _ =
        agent
            .heads()
            .find(definition.streams())
            .thenAccept(found ->
                definition.streams().forEach(path -> state.links.link(path, found.get(path), true)))
            .thenCompose(_ -> linkMatching(state, ""))
            .whenCompleteAsync(
                (_, failure) -> {
                  List<Runnable> again = creating.remove(id);
                  if (failure != null) {
                    answer.refuse(unavailable(failure));
                  } else {
                    guarded(answer, () -> begin(state, since, origin, answer));
                  }
                  if (again != null) {
                    again.forEach(Runnable::run);
                  }
                },
                agent::later);
  }

  /** Takes up a subscription whose streams are linked as they were after {@code since}. */
  private void begin(SubscriptionState state, long since, String origin, Answer answer)
      throws IOException {
    Entry entry = new Entry(state, Journal.pathOf(state.definition.id()));
    ObjectNode view = view(entry, origin);
    agent.registry().add(entry);
    agent.feed().rewind(entry, since);
    agent
        .journal()
        .create(
            entry,
            failure -> {
              if (failure != null) {
                entry.deleted = true;
                agent.registry().remove(entry);
              }
              answer(answer, failure, 201, () -> view);
              agent.settle(entry, false);
            });
  }

  /**
   * Links existing streams after {@code after} (§6.2). What the subscription has no room for is
   * linked with its next message, which comes to the same: either way nothing old wakes anyone.
   */
  private CompletableFuture<Void> linkMatching(SubscriptionState state, String after) {
    if (state.definition.pattern() == null) {
      return CompletableFuture.completedFuture(null);
    }
    return agent
        .store()
        .list(state.definition.literalPrefix(), after, LIST_PAGE)
        .thenComposeAsync(
            page -> {
              for (StreamInfo info : page) {
                String path = info.path().value();
                if (path.startsWith(Journal.RESERVED) || !state.definition.matches(path)) {
                  continue;
                }
                if (state.links.size() >= agent.config().maxStreams()) {
                  return CompletableFuture.completedFuture(null);
                }
                state.links.link(path, info, false);
              }
              return page.size() < LIST_PAGE
                  ? CompletableFuture.completedFuture(null)
                  : linkMatching(state, page.getLast().path().value());
            },
            agent::later);
  }

  /** Goes on with what the store answered, on the agent's thread. */
  private <T> void then(Answer answer, CompletableFuture<T> future, Consumer<T> next) {
    CompletableFuture<?> _ =
        future.whenCompleteAsync(
            (value, failure) -> {
              if (failure != null) {
                answer.refuse(unavailable(failure));
              } else {
                guarded(answer, () -> next.accept(value));
              }
            },
            agent::later);
  }

  void get(String id, String origin, Answer answer) throws IOException {
    answer.send(200, view(require(id), origin));
  }

  private ObjectNode view(Entry entry, String origin) throws IOException {
    boolean signs = entry.state.definition.target() instanceof WakeTarget.Webhook;
    String kid = signs ? agent.secrets().keys().kid() : "";
    return Views.subscription(entry.state, kid, origin);
  }

  private Entry require(String id) {
    Entry entry = agent.registry().find(id);
    if (entry == null) {
      throw missing(id);
    }
    return entry;
  }

  static ApiError missing(String id) {
    return new ApiError(ApiError.Code.SUBSCRIPTION_NOT_FOUND, "no subscription " + id);
  }

  /** Deleting what is not there is no error, so that a retry is none. */
  void delete(String id, Answer answer) {
    Entry entry = agent.registry().find(id);
    if (entry == null) {
      answer.send(204, null);
      return;
    }
    entry.deleted = true; // from here on nothing about it is answered or delivered
    agent.registry().remove(entry);
    agent.journal().delete(entry, failure -> answer(answer, failure, 204, () -> null));
  }

  void addStreams(String id, List<String> streams, Answer answer) {
    Entry entry = require(id);
    for (String stream : streams) {
      if (entry.state.definition.isOwnWakeStream(stream)) {
        throw ApiError.invalid("streams: " + stream + " (expected: not the wake_stream)");
      }
    }
    long since = agent.feed().applied();
    then(
        answer,
        agent.heads().find(streams),
        found -> {
          requireStill(entry);
          requireRoom(entry.state.links, streams);
          for (String stream : streams) {
            entry.state.links.link(stream, found.get(stream), true);
            agent.registry().addExplicit(entry, stream);
          }
          agent.feed().rewind(entry, since);
          agent.whenDurable(entry, failure -> answer(answer, failure, 204, () -> null));
        });
  }

  private void requireRoom(Links links, List<String> streams) {
    long fresh = streams.stream().filter(path -> links.find(path) == null).distinct().count();
    if (links.size() + fresh > agent.config().maxStreams()) {
      throw ApiError.invalid(
          "streams: "
              + fresh
              + " more than "
              + links.size()
              + " (expected: <= "
              + agent.config().maxStreams()
              + " together)");
    }
  }

  /** The subscription may have been deleted while the store was asked. */
  private static void requireStill(Entry entry) {
    if (entry.deleted) {
      throw missing(entry.id());
    }
  }

  void removeStream(String id, String stream, Answer answer) {
    Entry entry = require(id);
    entry.state.links.unlink(stream);
    agent.registry().removeExplicit(entry, stream);
    agent.whenDurable(entry, failure -> answer(answer, failure, 204, () -> null));
    agent.feed().makeUp(entry);
  }

  void claim(String id, String worker, Answer answer) throws IOException {
    Entry entry = require(id);
    if (!(entry.state.definition.target() instanceof WakeTarget.PullWake)) {
      throw ApiError.invalid("subscription " + id + ": webhook (expected: pull-wake)");
    }
    WakeTokens tokens = agent.secrets().tokens();
    long now = agent.clock().millis();
    switch (entry.state.claim(worker, SubscriptionAgent.newWakeId(), now)) {
      case SubscriptionState.Claim.Held held -> {
        ObjectNode body = Json.object();
        body.putObject("error")
            .put("code", ApiError.Code.ALREADY_CLAIMED.name())
            .put("current_holder", held.holder())
            .put("generation", held.generation());
        answer.send(ApiError.Code.ALREADY_CLAIMED.status, body);
      }
      case SubscriptionState.Claim.NothingPending _ ->
          throw new ApiError(
              ApiError.Code.NO_PENDING_WORK, "subscription " + id + " has nothing pending");
      case SubscriptionState.Claim.Granted granted -> {
        Wake wake = granted.wake();
        ObjectNode body =
            Json.object()
                .put("wake_id", wake.id())
                .put("generation", wake.generation())
                .put("token", tokens.mint(id, wake, agent.clock().instant()));
        Views.putStreams(body, entry.state, Map.of());
        body.put("lease_ttl_ms", entry.state.definition.leaseMillis());
        agent.whenDurable(entry, failure -> answer(answer, failure, 200, () -> body));
        agent.arm(entry);
      }
    }
  }

  /** A callback or an ack: both say the same of a wake. */
  void ack(String id, @Nullable String token, Bodies.Report report, Answer answer)
      throws IOException {
    Entry entry = require(id);
    checkToken(entry, token, report);
    List<String> beyond = new ArrayList<>();
    report
        .acks()
        .forEach((path, to) -> {
          if (isBeyond(entry.state.links.find(path), to)) {
            beyond.add(path);
          }
        });
    if (beyond.isEmpty()) {
      apply(entry, report, answer);
      return;
    }
    then(
        answer,
        agent.heads().find(beyond),
        found -> {
          requireStill(entry);
          found.values().forEach(entry.state.links::refresh);
          apply(entry, report, answer);
        });
  }

  /** Whether a worker has read further than the change feed has come here. */
  private static boolean isBeyond(@Nullable Link link, OffsetToken to) {
    return link != null && link.epoch == to.epoch() && to.offset() > link.tail;
  }

  private void apply(Entry entry, Bodies.Report report, Answer answer) {
    switch (entry.state.ack(
        report.wakeId(),
        report.generation(),
        report.acks(),
        report.done(),
        agent.clock().millis())) {
      case SubscriptionState.Outcome.Fenced _ -> throw fenced();
      case SubscriptionState.Outcome.BadOffset bad ->
          throw new ApiError(ApiError.Code.INVALID_OFFSET, bad.reason());
      case SubscriptionState.Outcome.Applied applied -> {
        boolean next = agent.issueNext(entry);
        ObjectNode body = Json.object().put("ok", true).put("next_wake", next);
        if (applied.ended() || !report.acks().isEmpty()) {
          agent.whenDurable(entry, failure -> answer(answer, failure, 200, () -> body));
          agent.feed().makeUp(entry);
        } else {
          answer.send(200, body); // a heartbeat: a restart gives a whole lease anyway
        }
        agent.arm(entry);
      }
    }
  }

  void release(String id, @Nullable String token, Bodies.Report report, Answer answer)
      throws IOException {
    Entry entry = require(id);
    checkToken(entry, token, report);
    if (entry.state.release(report.wakeId(), report.generation())
        instanceof SubscriptionState.Outcome.Fenced) {
      throw fenced();
    }
    agent.issueNext(entry);
    agent.whenDurable(entry, failure -> answer(answer, failure, 204, () -> null));
    agent.arm(entry);
  }

  private void checkToken(Entry entry, @Nullable String token, Bodies.Report report)
      throws IOException {
    switch (agent.secrets().tokens().read(token, entry.id(), agent.clock().instant())) {
      case WakeTokens.Reading.Invalid _ ->
          throw new ApiError(
              ApiError.Code.TOKEN_INVALID, "authorization: not the token of a wake of this");
      case WakeTokens.Reading.Expired _ ->
          throw new ApiError(ApiError.Code.TOKEN_EXPIRED, "authorization: the token has expired");
      case WakeTokens.Reading.Valid valid -> {
        if (valid.generation() != report.generation() || !valid.wakeId().equals(report.wakeId())) {
          throw fenced();
        }
      }
    }
  }

  private static ApiError fenced() {
    return new ApiError(ApiError.Code.FENCED, "another wake has taken its place");
  }

  private static void answer(
      Answer answer, @Nullable Throwable failure, int status, Supplier<@Nullable ObjectNode> body) {
    if (failure == null) {
      answer.send(status, body.get());
    } else {
      answer.refuse(unavailable(failure));
    }
  }

  private static ApiError unavailable(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof ApiError error) {
      return error;
    }
    if (cause instanceof StoreException store && store.code().retryable()) {
      return store.code() == StoreException.Code.FULL
          ? new ApiError(ApiError.Code.STORE_FULL, "the store is full; come back later")
          : new ApiError(ApiError.Code.UNAVAILABLE, "the store did not take it; come back");
    }
    if (!(cause instanceof StoreException)) { // which the store has logged
      LOG.log(System.Logger.Level.ERROR, "subscriptions: the store failed", cause);
    }
    return new ApiError(ApiError.Code.INTERNAL, "the store failed");
  }
}
