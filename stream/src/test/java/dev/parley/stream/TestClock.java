package dev.parley.stream;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until it is told otherwise. Safe on any thread. */
public final class TestClock implements InstantSource {
  public static final Instant START = Instant.parse("2030-01-01T10:00:00Z");

  private final AtomicLong millis = new AtomicLong(START.toEpochMilli());

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis.get());
  }

  /** Moves the clock; a negative duration moves it back. */
  public void advance(Duration by) {
    millis.addAndGet(by.toMillis());
  }
}
