package dev.parley.testkit.upstream;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What follows the question mark of a model's name: {@code key=value} and bare keys between
 * ampersands, percent-encoded where they hold one. Whoever reads a key takes it out, so that what
 * is left was misspelt. Confined to one thread.
 */
final class Parameters {
  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private final TreeSet<String> known = new TreeSet<>();

  /**
   * @throws IllegalArgumentException that says what is wrong
   */
  static Parameters parse(String text) {
    Parameters parameters = new Parameters();
    for (String pair : text.split("&", -1)) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String key = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.values.computeIfAbsent(key, _ -> new ArrayList<>()).add(decode(key, value));
      }
    }
    return parameters;
  }

  private static String decode(String key, String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw wrong(key, value, "percent-encoding");
    }
  }

  /** Every value of a key that may come more than once. */
  List<String> all(String key) {
    known.add(key);
    List<String> found = values.remove(key);
    return found == null ? List.of() : found;
  }

  @Nullable String text(String key) {
    List<String> found = all(key);
    if (found.size() > 1) {
      throw wrong(key, String.join("&", found), "one value");
    }
    return found.isEmpty() ? null : found.getFirst();
  }

  /** Whether a bare key is there. */
  boolean flag(String key) {
    String value = text(key);
    if (value != null && !value.isEmpty()) {
      throw wrong(key, value, "no value");
    }
    return value != null;
  }

  int integer(String key, int otherwise, int least, int most) {
    String value = text(key);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw wrong(key, value, "a number from " + least + " to " + most, e);
    }
    throw wrong(key, value, "a number from " + least + " to " + most);
  }

  /** Nanoseconds from {@code 20ms}, {@code 1.5s} or {@code 200us}. */
  long nanos(String key, long otherwise) {
    String value = text(key);
    if (value == null) {
      return otherwise;
    }
    try {
      if (value.endsWith("us")) {
        return nanos(value, 2, 1e3);
      } else if (value.endsWith("ms")) {
        return nanos(value, 2, 1e6);
      } else if (value.endsWith("s")) {
        return nanos(value, 1, 1e9);
      }
    } catch (NumberFormatException e) {
      throw wrong(key, value, "a duration such as 20ms or 1.5s", e);
    }
    throw wrong(key, value, "a duration such as 20ms or 1.5s");
  }

  private static long nanos(String value, int unitLength, double unit) {
    double amount = Double.parseDouble(value.substring(0, value.length() - unitLength));
    if (!(amount >= 0 && amount * unit < Long.MAX_VALUE / 2.0)) {
      throw new NumberFormatException(value);
    }
    return (long) (amount * unit);
  }

  /** A constant by its name in lower case. */
  <E extends Enum<E>> @Nullable E choice(String key, Class<E> type) {
    String value = text(key);
    if (value == null) {
      return null;
    }
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(value)) {
        return constant;
      }
      names.add(name);
    }
    throw wrong(key, value, String.join(" or ", names));
  }

  /** Refuses what nobody asked for. */
  void refuseOthers() {
    if (!values.isEmpty()) {
      var first = values.entrySet().iterator().next();
      throw wrong(
          first.getKey(), first.getValue().getFirst(), "one of " + String.join(", ", known));
    }
  }

  static IllegalArgumentException wrong(String key, String value, String expected) {
    return new IllegalArgumentException(
        "model." + key + ": " + value + " (expected: " + expected + ")");
  }

  private static IllegalArgumentException wrong(
      String key, String value, String expected, Exception cause) {
    IllegalArgumentException wrong = wrong(key, value, expected);
    wrong.initCause(cause);
    return wrong;
  }
}
