package dev.parley.telemetry;

/**
 * A metric, with the name and the sentence operators read.
 *
 * @param name without the {@code _total} that the samples of a counter end with
 * @param unit what the name ends with, or empty
 */
public record Family(Kind kind, String name, String unit, String help) {
  /** What a scraper may do with it. */
  public enum Kind {
    /** Only grows. */
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  public static Family counter(String name, String unit, String help) {
    return new Family(Kind.COUNTER, name, unit, help);
  }

  public static Family gauge(String name, String unit, String help) {
    return new Family(Kind.GAUGE, name, unit, help);
  }

  /** Durations, in seconds. */
  static Family histogram(String name, String help) {
    return new Family(Kind.HISTOGRAM, name, "seconds", help);
  }
}
