package dev.parley.stream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One atomic append: all of its messages are stored, or none. With no messages and {@code close} it
 * only closes.
 *
 * @param contentType checked against the stream's when not {@code null}
 * @param producer makes the append idempotent
 * @param writerSeq {@code Stream-Seq}, compared byte-wise and strictly increasing per stream
 *     (Durable Streams §5.2)
 * @param expectedTail the tail this append builds on, or -1 for any
 * @param close whether the stream is closed by it
 */
public record Append(
    List<Payload> messages,
    @Nullable String contentType,
    @Nullable ProducerStamp producer,
    @Nullable String writerSeq,
    long expectedTail,
    boolean close) {

  public Append {
    messages = List.copyOf(messages);
    if (messages.isEmpty() && !close) {
      throw new IllegalArgumentException("append: no messages (expected: at least one, or close)");
    }
    if (expectedTail < -1) {
      throw new IllegalArgumentException(
          "expected tail: " + expectedTail + " (expected: >= 0, or -1 for any)");
    }
  }

  public static Append of(byte[]... payloads) {
    return new Append(
        List.of(payloads).stream().map(Payload::of).toList(), null, null, null, -1, false);
  }

  public static Append closing() {
    return new Append(List.of(), null, null, null, -1, true);
  }
}
