package dev.parley.telemetry;

/**
 * What tells the values of one metric apart. Whoever makes them sees to it that there are few, for
 * each stays with every scraper for good. Immutable.
 *
 * @param text as both formats write them, without braces; empty for none
 */
public record Labels(String text) {
  public static final Labels NONE = new Labels("");

  /** Names and values in turn, in the order they are written. */
  public static Labels of(String... namesAndValues) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i + 1 < namesAndValues.length; i += 2) {
      text.append(i == 0 ? "" : ",")
          .append(namesAndValues[i])
          .append("=\"")
          .append(escaped(namesAndValues[i + 1]))
          .append('"');
    }
    return new Labels(text.toString());
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\"", "\\\"");
  }

  /** One more of them, behind the others. */
  Labels and(String name, String value) {
    String added = of(name, value).text;
    return new Labels(text.isEmpty() ? added : text + "," + added);
  }

  /** In braces, or nothing. */
  String inBraces() {
    return text.isEmpty() ? "" : "{" + text + "}";
  }
}
