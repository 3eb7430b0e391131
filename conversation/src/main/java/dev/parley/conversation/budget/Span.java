package dev.parley.conversation.budget;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;

/** A day or a month, in UTC. */
public record Span(Length length, LocalDate begin) {
  /** How long one is. */
  public enum Length {
    DAY,
    MONTH
  }

  /** The one that an instant is in. */
  public static Span of(Length length, Instant at) {
    LocalDate day = LocalDate.ofInstant(at, ZoneOffset.UTC);
    return new Span(length, length == Length.DAY ? day : day.withDayOfMonth(1));
  }

  /**
   * Reads {@code 2026-03} or {@code 2026-03-30}.
   *
   * @throws IllegalArgumentException when it is neither
   */
  public static Span parse(String name) {
    try {
      return name.length() == "2026-03".length()
          ? new Span(Length.MONTH, YearMonth.parse(name).atDay(1))
          : new Span(Length.DAY, LocalDate.parse(name));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "period: "
              + (name.length() > 16 ? "too long" : name)
              + " (expected: a month as 2026-03, or a day as 2026-03-30, in UTC)",
          e);
    }
  }

  /** As {@link #parse} reads it. */
  public String name() {
    return length == Length.DAY ? begin.toString() : YearMonth.from(begin).toString();
  }

  public Instant start() {
    return begin.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** When the next one begins. */
  public Instant end() {
    LocalDate next = length == Length.DAY ? begin.plusDays(1) : begin.plusMonths(1);
    return next.atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
