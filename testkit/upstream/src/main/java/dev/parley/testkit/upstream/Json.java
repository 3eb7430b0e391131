package dev.parley.testkit.upstream;

import tools.jackson.databind.json.JsonMapper;

/** Reads requests and quotes strings; what is written for each token uses neither. */
final class Json {
  static final JsonMapper MAPPER = new JsonMapper();

  private Json() {}

  /** The text as a JSON string, with its quotes. */
  static String quote(String text) {
    return MAPPER.writeValueAsString(text);
  }

  /** The text as it stands between the quotes of a JSON string. */
  static String escape(String text) {
    String quoted = quote(text);
    return quoted.substring(1, quoted.length() - 1);
  }
}
