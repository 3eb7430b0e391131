package dev.parley.bench;

import io.netty.buffer.ByteBuf;

/**
 * The JSON object that every Socket.IO scenario carries: its number, when it was due, and text, 118
 * bytes always. Numbers have a fixed width, so that reading them back costs little.
 */
final class Message {
  static final String ROOM = "bench";

  /** What precedes the object in an event that asks for its publication, as sent by us. */
  static final String PUBLISH = "42[\"publish\",\"" + ROOM + "\",";

  private static final String TEXT = ",\"text\":\"" + "x".repeat(71) + "\"}";
  private static final String NUMBER_KEY = "{\"n\":";
  private static final String DUE_KEY = ",\"t\":";
  private static final int NUMBER_DIGITS = 10;
  private static final int DUE_DIGITS = 16; // below 2^53: exact in JavaScript too
  private static final long NUMBER_BASE = 1_000_000_000L;
  private static final long DUE_BASE = 1_000_000_000_000_000L;
  private static final long EPOCH = System.nanoTime();

  private Message() {}

  /** The object, {@code dueNanos} by {@link System#nanoTime}. */
  static String json(int number, long dueNanos) {
    return NUMBER_KEY + (NUMBER_BASE + number) + DUE_KEY + (DUE_BASE + dueNanos - EPOCH) + TEXT;
  }

  /** The number of the object that starts at {@code brace}. */
  static int number(ByteBuf text, int brace) {
    return (int) (digits(text, brace + NUMBER_KEY.length(), NUMBER_DIGITS) - NUMBER_BASE);
  }

  /** When the object that starts at {@code brace} was due, by {@link System#nanoTime}. */
  static long dueNanos(ByteBuf text, int brace) {
    int at = brace + NUMBER_KEY.length() + NUMBER_DIGITS + DUE_KEY.length();
    return digits(text, at, DUE_DIGITS) - DUE_BASE + EPOCH;
  }

  private static long digits(ByteBuf text, int at, int count) {
    long value = 0;
    for (int i = at; i < at + count; i++) {
      value = value * 10 + text.getByte(i) - '0';
    }
    return value;
  }
}
