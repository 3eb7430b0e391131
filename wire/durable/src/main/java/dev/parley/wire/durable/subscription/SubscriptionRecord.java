package dev.parley.wire.durable.subscription;

import dev.parley.stream.PathPattern;
import dev.parley.stream.StreamPath;
import dev.parley.wire.durable.OffsetToken;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a subscription's own stream holds, one JSON message a step: a full record, then records with
 * only the links that changed since. Functions from state to bytes and back; no thread of its own.
 */
final class SubscriptionRecord {
  private static final int VERSION = 1;

  private SubscriptionRecord() {}

  /**
   * Encodes the state.
   *
   * @param feed the change-feed position the state reflects
   * @param full everything, or what changed since the last record
   */
  static byte[] encode(SubscriptionState state, long feed, boolean full) {
    ObjectNode node = Json.object();
    node.put("v", VERSION).put("full", full).put("feed", feed);
    node.put("generation", state.generation());
    node.put("lease_until", state.leaseUntil());
    node.put("attempts", state.attempts());
    node.put("next_attempt_at", state.nextAttemptAt());
    putIfPresent(node, "holder", state.holder());
    Wake wake = state.wake();
    if (wake != null) {
      ObjectNode snapshot =
          node.putObject("wake")
              .put("id", wake.id())
              .put("generation", wake.generation())
              .put("stream", wake.stream())
              .putObject("snapshot");
      wake.snapshot().forEach((path, to) -> snapshot.put(path, to.toString()));
    }
    List<Link> changed = state.links.takeDirty();
    List<String> unlinked = state.links.takeUnlinked();
    ArrayNode links = node.putArray("links");
    if (full) {
      putDefinition(node, state);
      state.links.all().forEach(link -> putLink(links.addObject(), link));
    } else {
      changed.forEach(link -> putLink(links.addObject(), link));
      ArrayNode gone = node.putArray("unlinked");
      unlinked.forEach(gone::add);
    }
    return Json.bytes(node);
  }

  private static void putDefinition(ObjectNode node, SubscriptionState state) {
    Definition definition = state.definition;
    node.put("origin", state.origin).put("created_at", state.createdAt);
    ObjectNode to = node.putObject("definition").put("id", definition.id());
    putIfPresent(to, "pattern", definition.pattern() == null ? null : definition.pattern().value());
    ArrayNode streams = to.putArray("streams");
    definition.streams().forEach(streams::add);
    switch (definition.target()) {
      case WakeTarget.Webhook webhook -> to.put("webhook", webhook.url().toString());
      case WakeTarget.PullWake pull -> to.put("wake_stream", pull.stream().value());
    }
    to.put("lease_ms", definition.leaseMillis());
    putIfPresent(to, "description", definition.description());
  }

  private static void putLink(ObjectNode node, Link link) {
    node.put("path", link.path)
        .put("id", link.streamId)
        .put("explicit", link.explicit)
        .put("glob", link.glob)
        .put("epoch", link.epoch)
        .put("acked", link.acked)
        .put("tail", link.tail);
  }

  private static void putIfPresent(ObjectNode node, String key, @Nullable String value) {
    if (value != null) {
      node.put(key, value);
    }
  }

  /** A state read back, and the change-feed position it reflects. */
  record Restored(SubscriptionState state, long feed) {}

  /**
   * Reads a subscription back from the messages of its stream, oldest first.
   *
   * @throws IllegalStateException when they are not what {@link #encode} wrote
   */
  static Restored decode(String id, List<byte[]> messages, int maxLinks) {
    Restored restored = null;
    for (byte[] message : messages) {
      JsonNode node = parse(id, message);
      if (node.path("v").intValue(0) != VERSION) {
        throw corrupt(id, "version: " + node.path("v") + " (expected: " + VERSION + ")");
      }
      try {
        SubscriptionState state;
        if (node.path("full").booleanValue(false)) {
          state =
              new SubscriptionState(
                  definition(node.path("definition")),
                  node.path("origin").stringValue(),
                  node.path("created_at").longValue(),
                  maxLinks);
        } else if (restored == null) {
          throw corrupt(id, "its first record is not a full one");
        } else {
          state = restored.state();
        }
        apply(state, node);
        restored = new Restored(state, node.path("feed").longValue());
      } catch (JacksonException | IllegalArgumentException e) {
        throw corrupt(id, String.valueOf(e.getMessage()));
      }
    }
    if (restored == null) {
      throw corrupt(id, "it has no record");
    }
    return restored;
  }

  private static JsonNode parse(String id, byte[] message) {
    try {
      return Json.parseStored(message);
    } catch (JacksonException e) {
      throw corrupt(id, String.valueOf(e.getOriginalMessage()));
    }
  }

  private static IllegalStateException corrupt(String id, String reason) {
    return new IllegalStateException("stored subscription " + id + ": " + reason);
  }

  private static Definition definition(JsonNode node) {
    List<String> streams = new ArrayList<>();
    node.path("streams").forEach(stream -> streams.add(stream.stringValue()));
    WakeTarget target =
        node.has("webhook")
            ? new WakeTarget.Webhook(URI.create(node.path("webhook").stringValue()))
            : new WakeTarget.PullWake(StreamPath.of(node.path("wake_stream").stringValue()));
    return new Definition(
        node.path("id").stringValue(),
        node.has("pattern") ? PathPattern.of(node.path("pattern").stringValue()) : null,
        streams,
        target,
        node.path("lease_ms").longValue(),
        textOrNull(node, "description"));
  }

  private static @Nullable String textOrNull(JsonNode node, String key) {
    return node.has(key) ? node.path(key).stringValue() : null;
  }

  private static void apply(SubscriptionState state, JsonNode node) {
    Wake wake = null;
    JsonNode kept = node.path("wake");
    if (kept.isObject()) {
      Map<String, OffsetToken> snapshot = new HashMap<>();
      for (Map.Entry<String, JsonNode> entry : kept.path("snapshot").properties()) {
        OffsetToken to = OffsetToken.parse(entry.getValue().stringValue());
        if (to != null) {
          snapshot.put(entry.getKey(), to);
        }
      }
      wake =
          new Wake(
              kept.path("id").stringValue(),
              kept.path("generation").longValue(),
              kept.path("stream").stringValue(),
              snapshot);
    }
    state.restoreLease(
        node.path("generation").longValue(),
        wake,
        textOrNull(node, "holder"),
        node.path("lease_until").longValue(),
        node.path("attempts").intValue());
    state.restoreRetry(node.path("next_attempt_at").longValue());
    for (JsonNode path : node.path("unlinked")) {
      state.links.restoreUnlinked(path.stringValue());
    }
    for (JsonNode at : node.path("links")) {
      Link link =
          new Link(
              at.path("path").stringValue(),
              at.path("id").longValue(),
              at.path("epoch").longValue(),
              at.path("acked").longValue(),
              at.path("tail").longValue());
      link.explicit = at.path("explicit").booleanValue();
      link.glob = at.path("glob").booleanValue();
      state.links.restore(link);
    }
  }
}
