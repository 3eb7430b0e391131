package dev.parley.wire.durable.subscription;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.Payload;
import dev.parley.stream.StreamPath;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Carries wakes to workers: webhook requests, a bounded number at a time, and events on wake
 * streams. Confined to the owner's thread, which answers reach through {@code owner}.
 */
final class Courier {
  private final SubscriptionConfig config;
  private final WebhookClient client;
  private final BiFunction<StreamPath, Append, CompletableFuture<AppendResult>> append;
  private final Secrets secrets;
  private final InstantSource clock;
  private final Executor owner;
  private final Listener listener;
  private final Deque<Errand> waiting = new ArrayDeque<>(); // at most one a subscription
  private int underWay;

  private record Errand(Entry entry, Wake wake) {}

  /** Hears what became of a delivery, on the owner's thread. */
  interface Listener {
    /** A webhook took the wake, and is {@code done} with it or will call back. */
    void onTaken(Entry entry, Wake wake, boolean done);

    /** The event is on the wake stream. */
    void onAnnounced(Entry entry, Wake wake);

    void onFailed(Entry entry, Wake wake, String reason);
  }

  Courier(
      SubscriptionConfig config,
      WebhookClient client,
      BiFunction<StreamPath, Append, CompletableFuture<AppendResult>> append,
      Secrets secrets,
      InstantSource clock,
      Executor owner,
      Listener listener) {
    this.config = config;
    this.client = client;
    this.append = append;
    this.secrets = secrets;
    this.clock = clock;
    this.owner = owner;
    this.listener = listener;
  }

  /** Delivers the wake, which is durable by now, unless it is over. */
  void deliver(Entry entry, Wake wake) {
    if (entry.deleted || !isCurrent(entry, wake)) {
      return;
    }
    switch (entry.state.definition.target()) {
      case WakeTarget.PullWake pull -> announce(entry, wake, pull.stream());
      case WakeTarget.Webhook webhook -> {
        if (wake.id().equals(entry.delivering)) {
          return;
        }
        entry.delivering = wake.id();
        waiting.add(new Errand(entry, wake));
        sendWaiting();
      }
    }
  }

  private static boolean isCurrent(Entry entry, Wake wake) {
    Wake current = entry.state.wake();
    return current != null && current.id().equals(wake.id());
  }

  private void sendWaiting() {
    while (underWay < config.concurrency() && !waiting.isEmpty()) {
      Errand errand = waiting.remove();
      Entry entry = errand.entry();
      if (!entry.deleted
          && isCurrent(entry, errand.wake())
          && entry.state.definition.target() instanceof WakeTarget.Webhook webhook) {
        send(entry, errand.wake(), webhook);
      } else if (errand.wake().id().equals(entry.delivering)) {
        entry.delivering = null;
      }
    }
  }

  private void send(Entry entry, Wake wake, WakeTarget.Webhook webhook) {
    Instant now = clock.instant();
    byte[] body;
    String signature;
    try {
      ServerKeys keys = secrets.keys();
      body = Json.bytes(body(entry, wake, secrets.tokens(), now));
      signature = keys.sign(body, now.getEpochSecond());
    } catch (IOException e) {
      entry.delivering = null;
      listener.onFailed(entry, wake, String.valueOf(e.getMessage()));
      return;
    }
    underWay++;
    entry.state.onDelivering(now.toEpochMilli());
    // A request that outlives the lease would be answered by someone who lost it.
    Duration lease = Duration.ofMillis(entry.state.definition.leaseMillis());
    Duration timeout = config.timeout().compareTo(lease) < 0 ? config.timeout() : lease;
    CompletableFuture<?> _ =
        client
            .post(webhook.url(), body, signature, timeout)
            .whenComplete(
                (reply, failure) -> owner.execute(() -> onReply(entry, wake, reply, failure)));
  }

  private void onReply(
      Entry entry, Wake wake, WebhookClient.@Nullable Reply reply, @Nullable Throwable failure) {
    underWay--;
    if (wake.id().equals(entry.delivering)) {
      entry.delivering = null;
    }
    if (!entry.deleted) {
      if (reply != null && reply.accepted()) {
        listener.onTaken(entry, wake, saysDone(reply.body()));
      } else {
        String reason = reply != null ? "status " + reply.status() : String.valueOf(failure);
        listener.onFailed(entry, wake, reason);
      }
    }
    sendWaiting();
  }

  private static boolean saysDone(byte[] body) {
    try {
      return body.length > 0 && Json.parse(body).path("done").booleanValue(false);
    } catch (JacksonException e) {
      return false; // any other answer means that it will call back
    }
  }

  private static ObjectNode body(Entry entry, Wake wake, WakeTokens tokens, Instant now) {
    String id = entry.id();
    ObjectNode body =
        Json.object()
            .put("subscription_id", id)
            .put("wake_id", wake.id())
            .put("generation", wake.generation());
    Views.putStreams(body, entry.state, wake.snapshot());
    return body.put("callback_url", Views.subscriptionUrl(entry.state.origin, id) + "/callback")
        .put("callback_token", tokens.mint(id, wake, now));
  }

  private void announce(Entry entry, Wake wake, StreamPath stream) {
    JsonNode event =
        Json.object()
            .put("type", "wake")
            .put("subscription_id", entry.id())
            .put("stream", wake.stream())
            .put("generation", wake.generation())
            .put("ts", clock.millis());
    Append appended =
        new Append(
            List.of(Payload.of(Json.bytes(event))), "application/json", null, null, -1, false);
    CompletableFuture<?> _ =
        append
            .apply(stream, appended)
            .whenComplete((result, failure) ->
                owner.execute(() -> {
                  if (entry.deleted) {
                    return;
                  }
                  if (result instanceof AppendResult.Appended) {
                    listener.onAnnounced(entry, wake);
                  } else {
                    String reason = String.valueOf(failure != null ? failure : result);
                    listener.onFailed(entry, wake, "wake stream " + stream + ": " + reason);
                  }
                }));
  }
}
