package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word that says its number in the reply, from 1 on, and when it was written. A value. Its text
 * is a character of one, two, three or four bytes in turn, six digits, {@code @}, seventeen digits,
 * a space: {@code "§000001@00012345678901234 "}.
 *
 * @param nanos by {@link System#nanoTime}, which on Linux is CLOCK_MONOTONIC in every process
 */
public record Token(int number, long nanos) {
  /** The greatest number there is. */
  public static final int MAX_NUMBER = 999_999;

  private static final Pattern FORM = Pattern.compile("[~§→😀](\\d{6})@(\\d{17}) ");
  private static final int NUMBER_DIGITS = 6;
  private static final int NANOS_DIGITS = 17; // three years after the machine's start
  private static final byte[][] LEADS = {utf8("~"), utf8("§"), utf8("→"), utf8("😀")};

  /** The tokens in a text, in its order; everything else in it is passed over. */
  public static List<Token> parse(String text) {
    List<Token> tokens = new ArrayList<>();
    Matcher matcher = FORM.matcher(text);
    while (matcher.find()) {
      tokens.add(new Token(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2))));
    }
    return tokens;
  }

  /** Appends the token's text, which needs no escape in JSON. */
  static void write(ByteBuf out, int number, long nanos) {
    out.writeBytes(LEADS[number % LEADS.length]);
    digits(out, number, NUMBER_DIGITS);
    out.writeByte('@');
    digits(out, nanos, NANOS_DIGITS);
    out.writeByte(' ');
  }

  private static void digits(ByteBuf out, long value, int count) {
    int start = out.writerIndex();
    out.ensureWritable(count).writerIndex(start + count);
    long rest = value;
    for (int i = start + count - 1; i >= start; i--) {
      out.setByte(i, (int) ('0' + rest % 10));
      rest /= 10;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
