package dev.parley.conversation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields of a JSON object, each as what it has to be. Immutable. */
record Fields(String name, JsonNode node) {
  static Fields of(String name, JsonNode node) {
    if (!node.isObject()) {
      throw new IllegalArgumentException(
          name + ": " + Ids.quoted(node.toString()) + " (expected: an object)");
    }
    return new Fields(name, node);
  }

  boolean has(String key) {
    return !node.path(key).isMissingNode() && !node.path(key).isNull();
  }

  String text(String key) {
    JsonNode value = node.path(key);
    if (!value.isString()) {
      throw unlike(key, value, "a string");
    }
    return value.stringValue();
  }

  @Nullable String optionalText(String key) {
    return has(key) ? text(key) : null;
  }

  long number(String key) {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw unlike(key, value, "a whole number");
    }
    return value.longValue();
  }

  /** Of at most 32 bits. */
  int smallNumber(String key) {
    long number = number(key);
    if (number != (int) number) {
      throw unlike(key, node.path(key), "a whole number up to " + Integer.MAX_VALUE);
    }
    return (int) number;
  }

  double decimal(String key) {
    JsonNode value = node.path(key);
    if (!value.isNumber()) {
      throw unlike(key, value, "a number");
    }
    return value.doubleValue();
  }

  /** False when it is not there. */
  boolean flag(String key) {
    JsonNode value = node.path(key);
    if (has(key) && !value.isBoolean()) {
      throw unlike(key, value, "true or false");
    }
    return value.isBoolean() && value.booleanValue();
  }

  /** Refuses fields of other names. */
  void only(List<String> known) {
    for (String key : node.propertyNames()) {
      if (!known.contains(key)) {
        throw new IllegalArgumentException(
            name + ": " + Ids.quoted(key) + " (expected: of " + String.join(", ", known) + ")");
      }
    }
  }

  Fields object(String key) {
    JsonNode value = node.path(key);
    if (!value.isObject()) {
      throw unlike(key, value, "an object");
    }
    return new Fields(name + "." + key, value);
  }

  JsonNode array(String key) {
    JsonNode value = node.path(key);
    if (!value.isArray()) {
      throw unlike(key, value, "an array");
    }
    return value;
  }

  /** Empty when it is not there. */
  List<Fields> optionalObjects(String key) {
    List<Fields> objects = new ArrayList<>();
    for (JsonNode value : has(key) ? array(key) : List.<JsonNode>of()) {
      String each = key + "[" + objects.size() + "]";
      if (!value.isObject()) {
        throw unlike(each, value, "an object");
      }
      objects.add(new Fields(name + "." + each, value));
    }
    return objects;
  }

  /** Empty when it is not there. */
  List<String> optionalTexts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : has(key) ? array(key) : List.<JsonNode>of()) {
      if (!value.isString()) {
        throw unlike(key + "[" + texts.size() + "]", value, "a string");
      }
      texts.add(value.stringValue());
    }
    return texts;
  }

  /** A word this version does not know is read as {@code otherwise}. */
  <E extends Enum<E>> E word(String key, Class<E> type, E otherwise) {
    String word = text(key);
    for (E value : type.getEnumConstants()) {
      if (word(value).equals(word)) {
        return value;
      }
    }
    return otherwise;
  }

  /** Lower-case, with dashes. */
  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private IllegalArgumentException unlike(String key, JsonNode value, String expected) {
    String found = value.isMissingNode() ? "nothing" : Ids.quoted(value.toString());
    return new IllegalArgumentException(
        name + "." + key + ": " + found + " (expected: " + expected + ")");
  }
}
