package dev.parley.transport;

/**
 * An error as clients see it.
 *
 * @param number that stays the same, or 0 for none
 */
record ErrorBody(String code, int number, String message, boolean retry) {
  static final String CONTENT_TYPE = "application/json";

  String toJson() {
    StringBuilder json = new StringBuilder(64 + message.length());
    json.append("{\"error\":{\"code\":");
    quote(json, code);
    if (number > 0) {
      json.append(",\"number\":").append(number);
    }
    json.append(",\"message\":");
    quote(json, message);
    return json.append(",\"retry\":").append(retry).append("}}").toString();
  }

  /** RFC 8259 §7; a lone surrogate would not survive UTF-8, so it becomes U+FFFD. */
  private static void quote(StringBuilder json, String text) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < 0x20) {
        json.append("\\u00")
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        json.append(c).append(text.charAt(++i));
      } else {
        json.append(Character.isSurrogate(c) ? '\uFFFD' : c);
      }
    }
    json.append('"');
  }
}
