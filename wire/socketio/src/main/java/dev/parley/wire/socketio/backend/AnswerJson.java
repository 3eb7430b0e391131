package dev.parley.wire.socketio.backend;

import dev.parley.wire.socketio.codec.CodecLimits;
import dev.parley.wire.socketio.codec.PayloadJson;
import dev.parley.wire.socketio.codec.PayloadJson.Shape;
import dev.parley.wire.socketio.codec.ProtocolException;
import dev.parley.wire.socketio.codec.Slice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The bodies of answers as verdicts, under limits. A key that means nothing is an error: a
 * misspelled {@code arguments} must not let through what came. Errors name keys and never repeat
 * values, which may be a client's or a secret. Safe on any thread.
 */
final class AnswerJson {
  private static final int DEEPEST = 64;
  private static final int LONGEST_NUMBER = 128;

  private final PayloadJson json;

  AnswerJson(int maxBytes) {
    json =
        new PayloadJson(
            new CodecLimits(
                maxBytes, 0, 0, Duration.ofSeconds(1), 1, DEEPEST, maxBytes, LONGEST_NUMBER));
  }

  /**
   * @throws UnansweredException that says what was expected
   */
  Verdict decode(Question.Kind kind, byte[] body) throws UnansweredException {
    JsonNode answer;
    try {
      answer = json.tree("answer", Slice.of(body), Shape.OBJECT);
    } catch (ProtocolException e) {
      throw UnansweredException.unusable("answer", "a JSON object, at most 64 levels deep");
    }
    requireKnown(answer, keys(kind));
    JsonNode allow = answer.get("allow");
    if (allow == null || !allow.isBoolean()) {
      throw UnansweredException.unusable("allow", "true or false");
    }
    return new Verdict(
        allow.booleanValue(),
        false,
        text(answer),
        value("data", answer.get("data")),
        list("arguments", answer.get("arguments")),
        value("payload", answer.get("payload")),
        list("reply", answer.get("reply")),
        texts("rooms", answer.get("rooms")),
        object("socketData", answer.get("socketData")));
  }

  private static Set<String> keys(Question.Kind kind) {
    return switch (kind) {
      case CONNECT -> Set.of("allow", "message", "data", "rooms", "socketData");
      case EVENT -> Set.of("allow", "message", "data", "arguments", "reply");
      case PUBLISH -> Set.of("allow", "message", "data", "payload");
      case SUBSCRIBE, DISCONNECT -> Set.of("allow", "message", "data");
    };
  }

  private static void requireKnown(JsonNode answer, Set<String> known) throws UnansweredException {
    for (String key : answer.propertyNames()) {
      if (!known.contains(key)) {
        throw UnansweredException.unusable(
            "key " + ProtocolException.quoted(key),
            "only " + String.join(", ", known.stream().sorted().toList()));
      }
    }
  }

  private static @Nullable String text(JsonNode answer) throws UnansweredException {
    JsonNode message = answer.get("message");
    if (message == null || message.isNull()) {
      return null;
    }
    if (!message.isString()) {
      throw UnansweredException.unusable("message", "a string");
    }
    return message.stringValue();
  }

  private static @Nullable List<@Nullable Object> list(String key, @Nullable JsonNode node)
      throws UnansweredException {
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isArray()) {
      throw UnansweredException.unusable(key, "an array");
    }
    List<@Nullable Object> list = new ArrayList<>(node.size());
    for (JsonNode each : node) {
      list.add(value(key, each));
    }
    return list;
  }

  private static List<String> texts(String key, @Nullable JsonNode node)
      throws UnansweredException {
    List<String> texts = new ArrayList<>();
    List<@Nullable Object> list = list(key, node);
    for (Object each : list == null ? List.of() : list) {
      if (!(each instanceof String text)) {
        throw UnansweredException.unusable(key, "an array of strings");
      }
      texts.add(text);
    }
    return texts;
  }

  private static Map<String, @Nullable Object> object(String key, @Nullable JsonNode node)
      throws UnansweredException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    if (node == null || node.isNull()) {
      return object;
    }
    if (!node.isObject()) {
      throw UnansweredException.unusable(key, "an object");
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      object.put(entry.getKey(), value(key, entry.getValue()));
    }
    return object;
  }

  private static @Nullable Object value(String key, @Nullable JsonNode node)
      throws UnansweredException {
    if (node == null || node.isNull()) {
      return null;
    }
    if (node.isArray()) {
      return list(key, node);
    }
    if (node.isObject()) {
      return node.size() == 1 && node.has(QuestionJson.BYTES)
          ? bytes(key, node.get(QuestionJson.BYTES))
          : object(key, node);
    }
    if (node.isNumber()) {
      return node.numberValue();
    }
    return node.isBoolean() ? (Object) node.booleanValue() : node.stringValue();
  }

  private static byte[] bytes(String key, JsonNode node) throws UnansweredException {
    try {
      if (node.isString()) {
        return node.binaryValue();
      }
    } catch (JacksonException e) {
      throw UnansweredException.unusable(key + ": " + QuestionJson.BYTES, "base64");
    }
    throw UnansweredException.unusable(key + ": " + QuestionJson.BYTES, "a string");
  }
}
