package dev.parley.wire.openai;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The members of a JSON object in a request, each as what it has to be; {@code null} counts as not
 * there. Immutable.
 *
 * @param where the object is, such as {@code messages[0].}; empty for the request itself
 */
record Fields(String where, JsonNode node) {
  /** Less than what a stored event may have, as parts of requests are stored in events. */
  private static final int MAX_DEPTH = 48;

  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .build();

  static Fields request(byte[] body) {
    try {
      JsonNode node = JSON.readTree(body);
      if (node.isObject()) {
        return new Fields("", node);
      }
    } catch (JacksonException e) {
      // answered below
    }
    throw ApiError.invalid(
        null, "body: broken or too deep (expected: a JSON object, at most " + MAX_DEPTH + " deep)");
  }

  static Fields of(String where, JsonNode node) {
    if (!node.isObject()) {
      throw wrong(where, node, "an object");
    }
    return new Fields(where + ".", node);
  }

  boolean has(String key) {
    return !node.path(key).isMissingNode() && !node.path(key).isNull();
  }

  JsonNode get(String key) {
    return node.path(key);
  }

  String text(String key) {
    JsonNode value = node.path(key);
    if (!value.isString()) {
      throw wrong(where + key, value, "a string");
    }
    return value.stringValue();
  }

  String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  @Nullable String optionalText(String key) {
    return has(key) ? text(key) : null;
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = node.path(key);
    if (has(key) && !value.isBoolean()) {
      throw wrong(where + key, value, "true or false");
    }
    return has(key) ? value.booleanValue() : otherwise;
  }

  @Nullable Double decimal(String key) {
    JsonNode value = node.path(key);
    if (has(key) && !value.isNumber()) {
      throw wrong(where + key, value, "a number");
    }
    return has(key) ? value.doubleValue() : null;
  }

  @Nullable Long number(String key) {
    JsonNode value = node.path(key);
    if (has(key) && !(value.isIntegralNumber() && value.canConvertToLong())) {
      throw wrong(where + key, value, "a whole number");
    }
    return has(key) ? value.longValue() : null;
  }

  @Nullable Integer smallNumber(String key) {
    Long value = number(key);
    if (value != null && value != value.intValue()) {
      throw wrong(where + key, node.path(key), "a whole number up to " + Integer.MAX_VALUE);
    }
    return value == null ? null : value.intValue();
  }

  Fields object(String key) {
    return of(where + key, node.path(key));
  }

  List<JsonNode> array(String key) {
    JsonNode value = node.path(key);
    if (has(key) && !value.isArray()) {
      throw wrong(where + key, value, "an array");
    }
    return has(key) ? List.copyOf(value.values()) : List.of();
  }

  /** A copy without some members. */
  ObjectNode without(Set<String> keys) {
    ObjectNode copy = JSON.createObjectNode();
    node.forEachEntry((key, value) -> {
      if (!keys.contains(key) && !value.isNull()) {
        copy.set(key, value);
      }
    });
    return copy;
  }

  static ApiError wrong(String key, JsonNode value, String expected) {
    String found = value.isMissingNode() ? "nothing" : shortened(value.toString());
    return ApiError.invalid(key, key + ": " + found + " (expected: " + expected + ")");
  }

  /** What a client sent, for messages. */
  static String shortened(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length() && i < 80; i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
    }
    return text.length() > 80 ? out.append('…').toString() : out.toString();
  }
}
