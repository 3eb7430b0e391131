package dev.parley.conversation.request;

import dev.parley.stream.Quotable;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The fields of an object that a client sent, each as what it has to be. Immutable.
 *
 * @param at before the names of its fields in errors, empty for the body itself
 */
public record Body(String at, JsonNode node) {
  /** Only these may be there: one that is misspelt would not be missed otherwise. */
  public Body only(String... fields) {
    List<String> known = List.of(fields);
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw RequestRefused.badField(
            at
                + Quotable.of(name)
                + ": unknown (expected: "
                + (known.isEmpty() ? "no fields" : String.join(", ", known))
                + ")");
      }
    }
    return this;
  }

  public boolean has(String key) {
    return !node.path(key).isMissingNode() && !node.path(key).isNull();
  }

  public JsonNode get(String key) {
    return node.path(key);
  }

  public String text(String key) {
    if (!node.path(key).isString()) {
      throw unlike(key, "a string");
    }
    return node.path(key).stringValue();
  }

  public @Nullable String optionalText(String key) {
    return has(key) ? text(key) : null;
  }

  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  public boolean flag(String key, boolean otherwise) {
    if (!has(key)) {
      return otherwise;
    }
    if (!node.path(key).isBoolean()) {
      throw unlike(key, "true or false");
    }
    return node.path(key).booleanValue();
  }

  public long number(String key) {
    JsonNode value = node.path(key);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw unlike(key, "a whole number");
    }
    return value.longValue();
  }

  /** How many, from 1 on. */
  public int count(String key, int otherwise, int most) {
    if (!has(key)) {
      return otherwise;
    }
    long count = number(key);
    if (count < 1 || count > most) {
      throw unlike(key, "1 to " + most);
    }
    return (int) count;
  }

  public <E extends Enum<E>> E word(String key, Class<E> type, E otherwise) {
    return has(key) ? word(key, type) : otherwise;
  }

  public <E extends Enum<E>> E word(String key, Class<E> type) {
    String word = text(key);
    StringBuilder expected = new StringBuilder();
    for (E value : type.getEnumConstants()) {
      String name = value.name().toLowerCase(Locale.ROOT);
      if (name.equals(word)) {
        return value;
      }
      expected.append(expected.isEmpty() ? "" : ", ").append(name);
    }
    throw unlike(key, expected.toString());
  }

  public RequestRefused unlike(String key, String expected) {
    JsonNode value = node.path(key);
    String found = value.isMissingNode() ? "nothing" : Quotable.of(value.toString());
    return RequestRefused.badField(at + key + ": " + found + " (expected: " + expected + ")");
  }
}
