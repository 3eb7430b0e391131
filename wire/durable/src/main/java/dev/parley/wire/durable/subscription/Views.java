package dev.parley.wire.durable.subscription;

import dev.parley.stream.PathPattern;
import dev.parley.wire.durable.OffsetToken;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Subscriptions and wakes as clients see them (Durable Streams §6.3, §7). Functions only. */
final class Views {
  static final String ROOT = "/v1/stream/__ds/";
  private static final DateTimeFormatter MILLIS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private Views() {}

  static String subscriptionUrl(String origin, String id) {
    String segment = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    return origin + ROOT + "subscriptions/" + segment;
  }

  static ObjectNode subscription(SubscriptionState state, String kid, String origin) {
    Definition definition = state.definition;
    ObjectNode view =
        Json.object().put("id", definition.id()).put("subscription_id", definition.id());
    view.put(
        "type",
        switch (definition.target()) {
          case WakeTarget.Webhook _ -> "webhook";
          case WakeTarget.PullWake _ -> "pull-wake";
        });
    PathPattern pattern = definition.pattern();
    view.put("pattern", pattern == null ? null : pattern.value());
    ArrayNode streams = view.putArray("streams");
    for (Link link : state.links.all()) {
      streams
          .addObject()
          .put("path", link.path)
          .put("link_type", link.type())
          .put("acked_offset", link.ackedToken());
    }
    switch (definition.target()) {
      case WakeTarget.Webhook webhook -> {
        view.putObject("webhook")
            .put("url", webhook.url().toString())
            .putObject("signing")
            .put("alg", "ed25519")
            .put("kid", kid)
            .put("jwks_url", origin + ROOT + "jwks.json");
        view.putNull("wake_stream");
      }
      case WakeTarget.PullWake pull -> {
        view.putNull("webhook");
        view.put("wake_stream", pull.stream().value());
      }
    }
    return view.put("lease_ttl_ms", definition.leaseMillis())
        .put("created_at", MILLIS.format(Instant.ofEpochMilli(state.createdAt)))
        .put("status", state.failing() ? "failed" : "active")
        .put("description", definition.description());
  }

  /**
   * Lists what a worker needs to know: what is pending first, then the rest as far as it fits.
   *
   * @param snapshot tails to tell of instead of the present ones
   */
  static void putStreams(
      ObjectNode body, SubscriptionState state, Map<String, OffsetToken> snapshot) {
    ArrayNode streams = body.putArray("streams");
    snapshot.forEach((path, tail) -> {
      Link link = state.links.find(path);
      if (link != null && link.epoch == tail.epoch()) {
        putStream(streams.addObject(), link, tail.toString(), tail.offset() > link.acked);
      }
    });
    putLinks(streams, state, snapshot, true);
    putLinks(streams, state, snapshot, false);
  }

  private static void putLinks(
      ArrayNode streams,
      SubscriptionState state,
      Map<String, OffsetToken> except,
      boolean pending) {
    for (Link link : state.links.all()) {
      if (streams.size() >= SubscriptionState.MAX_LISTED) {
        return;
      }
      if (link.pending() == pending && !except.containsKey(link.path)) {
        putStream(streams.addObject(), link, link.tailToken(), pending);
      }
    }
  }

  private static void putStream(ObjectNode node, Link link, String tail, boolean pending) {
    node.put("path", link.path)
        .put("link_type", link.type())
        .put("acked_offset", link.ackedToken())
        .put("tail_offset", tail)
        .put("has_pending", pending);
  }
}
