package dev.parley.wire.durable.subscription;

import dev.parley.stream.PathPattern;
import dev.parley.stream.StreamPath;
import dev.parley.wire.durable.OffsetToken;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Request bodies, read and checked field by field. Functions that throw {@link ApiError}. */
final class Bodies {
  private static final int MAX_DESCRIPTION = 1_024;
  private static final int MAX_WORKER = 256;
  private static final Set<String> FIELDS =
      Set.of("type", "pattern", "streams", "webhook", "wake_stream", "lease_ttl_ms", "description");

  private Bodies() {}

  /**
   * What a worker says of its wake.
   *
   * @param acks by stream path
   */
  record Report(String wakeId, long generation, Map<String, OffsetToken> acks, boolean done) {}

  static JsonNode object(byte[] body) {
    JsonNode node;
    try {
      node = Json.parse(body);
    } catch (JacksonException e) {
      throw ApiError.invalid("body: " + e.getOriginalMessage() + " (expected: a JSON object)");
    }
    if (!node.isObject()) {
      throw ApiError.invalid("body: not an object (expected: a JSON object)");
    }
    return node;
  }

  static Definition definition(String id, byte[] body, SubscriptionConfig config) {
    JsonNode node = object(body);
    for (String name : node.propertyNames()) {
      if (!FIELDS.contains(name)) {
        throw ApiError.invalid(name + ": unknown field (expected: one of " + sorted() + ")");
      }
    }
    String type = text(node, "type");
    WakeTarget target =
        switch (type == null ? "" : type) {
          case "webhook" -> new WakeTarget.Webhook(webhook(node, config));
          case "pull-wake" -> new WakeTarget.PullWake(wakeStream(node));
          default -> throw ApiError.invalid("type: " + type + " (expected: webhook or pull-wake)");
        };
    PathPattern pattern = pattern(node);
    List<String> streams = node.has("streams") ? streams(node, config) : List.of();
    if (pattern == null && streams.isEmpty()) {
      throw ApiError.invalid("pattern, streams: neither is given (expected: at least one)");
    }
    String description = text(node, "description");
    if (description != null && description.length() > MAX_DESCRIPTION) {
      throw ApiError.invalid(
          "description: " + description.length() + " characters (expected: <= 1024)");
    }
    Definition definition = new Definition(id, pattern, streams, target, lease(node), description);
    for (String stream : streams) {
      if (definition.isOwnWakeStream(stream)) {
        throw ApiError.invalid("streams: " + stream + " (expected: not the wake_stream)");
      }
    }
    return definition;
  }

  private static String sorted() {
    return String.join(", ", FIELDS.stream().sorted().toList());
  }

  private static @Nullable String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw ApiError.invalid(name + ": " + value.getNodeType() + " (expected: a string)");
    }
    return value.stringValue();
  }

  private static URI webhook(JsonNode node, SubscriptionConfig config) {
    JsonNode webhook = node.path("webhook");
    String url = webhook.isObject() ? text(webhook, "url") : null;
    if (url == null || url.isEmpty()) {
      throw ApiError.invalid("webhook.url: missing (expected: a URL)");
    }
    try {
      return WebhookTarget.parse(url, config.allowPrivate());
    } catch (IllegalArgumentException e) {
      throw new ApiError(ApiError.Code.WEBHOOK_URL_REJECTED, String.valueOf(e.getMessage()));
    }
  }

  private static StreamPath wakeStream(JsonNode node) {
    String stream = text(node, "wake_stream");
    if (stream == null) {
      throw ApiError.invalid("wake_stream: missing (expected: the path of a stream)");
    }
    return StreamPath.of(path("wake_stream", stream));
  }

  private static @Nullable PathPattern pattern(JsonNode node) {
    String pattern = text(node, "pattern");
    if (pattern == null || pattern.isEmpty()) {
      return null;
    }
    if (pattern.length() > StreamPath.MAX_BYTES) {
      throw ApiError.invalid("pattern: " + pattern.length() + " characters (expected: <= 1024)");
    }
    try {
      return PathPattern.of(trimSlashes(pattern));
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid(String.valueOf(e.getMessage()));
    }
  }

  /** The paths of a {@code streams} array, which must not be empty. */
  static List<String> streams(JsonNode node, SubscriptionConfig config) {
    JsonNode array = node.path("streams");
    if (!array.isArray()) {
      throw ApiError.invalid("streams: not an array (expected: an array of stream paths)");
    }
    if (array.size() > config.maxStreams()) {
      throw ApiError.invalid(
          "streams: " + array.size() + " paths (expected: <= " + config.maxStreams() + ")");
    }
    List<String> streams = new ArrayList<>(array.size());
    for (JsonNode stream : array) {
      if (!stream.isString()) {
        throw ApiError.invalid("streams: " + stream.getNodeType() + " (expected: strings)");
      }
      streams.add(path("streams", stream.stringValue()));
    }
    return streams;
  }

  /** A stream path of an application, without slashes at its ends. */
  static String path(String name, String text) {
    String path = trimSlashes(text);
    try {
      StreamPath.of(path);
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid(name + ": " + e.getMessage());
    }
    if (path.equals("__ds") || path.startsWith(Journal.RESERVED)) {
      throw ApiError.invalid(
          name + ": " + path + " (expected: no path under __ds, which is reserved)");
    }
    return path;
  }

  private static String trimSlashes(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && text.charAt(start) == '/') {
      start++;
    }
    while (end > start && text.charAt(end - 1) == '/') {
      end--;
    }
    return text.substring(start, end);
  }

  private static long lease(JsonNode node) {
    JsonNode lease = node.path("lease_ttl_ms");
    if (lease.isMissingNode() || lease.isNull()) {
      return Definition.DEFAULT_LEASE_MILLIS;
    }
    if (!lease.isIntegralNumber()
        || !lease.canConvertToLong()
        || lease.longValue() < Definition.MIN_LEASE_MILLIS
        || lease.longValue() > Definition.MAX_LEASE_MILLIS) {
      throw ApiError.invalid("lease_ttl_ms: " + lease + " (expected: an integer, 1000 to 600000)");
    }
    return lease.longValue();
  }

  static String worker(byte[] body) {
    String worker = text(object(body), "worker");
    if (worker == null || worker.isEmpty() || worker.length() > MAX_WORKER) {
      throw ApiError.invalid("worker: missing or too long (expected: 1 to 256 characters)");
    }
    return worker;
  }

  static Report report(byte[] body) {
    JsonNode node = object(body);
    String wakeId = text(node, "wake_id");
    if (wakeId == null) {
      throw ApiError.invalid("wake_id: missing (expected: the id of the wake)");
    }
    JsonNode generation = node.path("generation");
    if (!generation.isIntegralNumber() || !generation.canConvertToLong()) {
      throw ApiError.invalid("generation: " + generation + " (expected: an integer)");
    }
    JsonNode done = node.path("done");
    if (!done.isMissingNode() && !done.isBoolean()) {
      throw ApiError.invalid("done: " + done + " (expected: true or false)");
    }
    return new Report(wakeId, generation.longValue(), acks(node), done.booleanValue(false));
  }

  private static Map<String, OffsetToken> acks(JsonNode node) {
    JsonNode array = node.path("acks");
    if (array.isMissingNode() || array.isNull()) {
      return Map.of();
    }
    if (!array.isArray()) {
      throw ApiError.invalid("acks: not an array (expected: an array of stream and offset)");
    }
    Map<String, OffsetToken> acks = new LinkedHashMap<>();
    for (JsonNode ack : array) {
      String stream = text(ack, "stream");
      String offset = text(ack, "offset");
      if (stream == null || offset == null) {
        throw ApiError.invalid("acks: " + ack + " (expected: stream and offset)");
      }
      OffsetToken to = OffsetToken.parse(offset);
      if (to == null) {
        throw new ApiError(
            ApiError.Code.INVALID_OFFSET,
            "acks: " + ack + " (expected: an offset given by this server)");
      }
      // Of several acks of one stream the furthest counts.
      acks.merge(path("acks", stream), to, (a, b) -> a.offset() >= b.offset() ? a : b);
    }
    return acks;
  }
}
