package dev.parley.wire.durable.subscription;

import dev.parley.stream.StoreException;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers requests about subscriptions. Every method runs on the agent's thread and answers once
 * what it says is durable.
 */
final class SubscriptionDesk {
  private static final int LIST_PAGE = 1_000;
  private static final int LIST_PAGES = 20;

  private final SubscriptionAgent agent;

  SubscriptionDesk(SubscriptionAgent agent) {
    this.agent = agent;
  }

  /** Takes the answer to one request, on any thread. */
  interface Answer {
    /** Sends a status, with no body when it is {@code null}. */
    void send(int status, @Nullable ObjectNode body);

    void refuse(ApiError error);
  }

  void create(Definition definition, String origin, Answer answer) throws IOException {
    Entry known = agent.registry().find(definition.id());
    if (known != null) {
      if (!known.state.definition.equals(definition)) {
        throw new ApiError(
            ApiError.Code.SUBSCRIPTION_ALREADY_EXISTS,
            "subscription " + definition.id() + " exists with another configuration");
      }
      answer.send(200, view(known, origin));
      return;
    }
    if (agent.registry().size() >= agent.config().maxSubscriptions()) {
      throw new ApiError(
          ApiError.Code.SUBSCRIPTION_LIMIT,
          "subscriptions: " + agent.registry().size() + " (expected: fewer than that)");
    }
    agent.secrets().keys(); // rather refused now than found unsigned later
    agent.watch();
    SubscriptionState state =
        new SubscriptionState(
            definition, origin, agent.clock().millis(), agent.config().maxStreams());
    definition.streams().forEach(stream -> linkAtTail(state, stream));
    linkMatching(state);
    Entry entry = new Entry(state, Journal.pathOf(definition.id()));
    agent.registry().add(entry);
    ObjectNode view = view(entry, origin);
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

  private void linkAtTail(SubscriptionState state, String path) {
    StreamInfo info =
        agent.store().head(StreamPath.of(path)).join().filter(at -> !at.deleted()).orElse(null);
    state.link(path, info, true);
  }

  /**
   * Links existing streams (§6.2). What the scan or the subscription has no room for is linked with
   * its next message, which comes to the same: either way nothing old wakes anyone.
   */
  private void linkMatching(SubscriptionState state) {
    if (state.definition.pattern() == null) {
      return;
    }
    String prefix = state.definition.literalPrefix();
    String after = "";
    for (int i = 0; i < LIST_PAGES; i++) {
      List<StreamInfo> page = agent.store().list(prefix, after, LIST_PAGE).join();
      for (StreamInfo info : page) {
        String path = info.path().value();
        if (path.startsWith(Journal.RESERVED) || !state.definition.matches(path)) {
          continue;
        }
        if (state.linkCount() >= agent.config().maxStreams()) {
          return;
        }
        state.link(path, info, false);
      }
      if (page.size() < LIST_PAGE) {
        return;
      }
      after = page.getLast().path().value();
    }
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
      throw new ApiError(ApiError.Code.SUBSCRIPTION_NOT_FOUND, "no subscription " + id);
    }
    return entry;
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
    long fresh = streams.stream().filter(path -> entry.state.linkOf(path) == null).count();
    if (entry.state.linkCount() + fresh > agent.config().maxStreams()) {
      throw ApiError.invalid(
          "streams: "
              + fresh
              + " more than "
              + entry.state.linkCount()
              + " (expected: <= "
              + agent.config().maxStreams()
              + " together)");
    }
    for (String stream : streams) {
      if (entry.state.definition.isOwnWakeStream(stream)) {
        throw ApiError.invalid("streams: " + stream + " (expected: not the wake_stream)");
      }
    }
    for (String stream : streams) {
      linkAtTail(entry.state, stream);
      agent.registry().addExplicit(entry, stream);
    }
    agent.whenDurable(entry, failure -> answer(answer, failure, 204, () -> null));
  }

  void removeStream(String id, String stream, Answer answer) {
    Entry entry = require(id);
    entry.state.unlink(stream);
    agent.registry().removeExplicit(entry, stream);
    agent.whenDurable(entry, failure -> answer(answer, failure, 204, () -> null));
    agent.makeUp(entry);
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
    report.acks().forEach((path, to) -> refreshIfBeyond(entry.state, path, to));
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
          agent.makeUp(entry);
        } else {
          answer.send(200, body); // a heartbeat: a restart gives a whole lease anyway
        }
        agent.arm(entry);
      }
    }
  }

  /** A worker may have read further than the change feed has come here. */
  private void refreshIfBeyond(SubscriptionState state, String path, Position to) {
    Link link = state.linkOf(path);
    if (link != null && link.epoch == to.epoch() && to.offset() > link.tail) {
      agent.store().head(StreamPath.of(path)).join().ifPresent(state::refresh);
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

  static ApiError unavailable(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof StoreException store && store.code() == StoreException.Code.FULL
        ? new ApiError(ApiError.Code.STORE_FULL, "the store is full; come back later")
        : new ApiError(ApiError.Code.UNAVAILABLE, "the store did not take it; come back");
  }
}
