package dev.parley.wire.durable;

import dev.parley.stream.ProducerStamp;
import dev.parley.stream.Quotable;
import dev.parley.transport.HttpError;
import dev.parley.transport.Request;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads header and query values strictly. Stateless. */
final class Numbers {
  /** Decimal without leading zeros or signs (Durable Streams §5.1), small enough for any clock. */
  private static final Pattern CANONICAL = Pattern.compile("0|[1-9][0-9]{0,11}");

  private static final Pattern INTEGER = Pattern.compile("[0-9]{1,16}");

  /** RFC 3339 §5.6. */
  private static final Pattern TIME =
      Pattern.compile(
          "[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})");

  private Numbers() {}

  static long canonical(String field, String text) {
    if (!CANONICAL.matcher(text).matches()) {
      throw bad(field, text, "a whole number without sign or leading zeros");
    }
    return Long.parseLong(text);
  }

  static Instant time(String field, String text) {
    if (TIME.matcher(text).matches()) {
      try {
        return OffsetDateTime.parse(text).toInstant();
      } catch (DateTimeException e) {
        throw bad(field, text, "an existing time");
      }
    }
    throw bad(field, text, "RFC 3339, as in 2026-11-21T10:42:00Z");
  }

  /** Only {@code true} in any case counts (Durable Streams §4.1). */
  static boolean isTrue(@Nullable String header) {
    return "true".equalsIgnoreCase(header);
  }

  /** The producer headers: all, or none (Durable Streams §5.2.1). */
  static @Nullable ProducerStamp producer(Request request) {
    String id = request.header(Fields.PRODUCER_ID);
    String epoch = request.header(Fields.PRODUCER_EPOCH);
    String seq = request.header(Fields.PRODUCER_SEQ);
    if (id == null && epoch == null && seq == null) {
      return null;
    }
    if (id == null || epoch == null || seq == null) {
      throw Refusal.badRequest(
          "bad_producer",
          "producer-id, producer-epoch, producer-seq: some (expected: all, or none)");
    }
    try {
      return new ProducerStamp(
          id, integer(Fields.PRODUCER_EPOCH, epoch), integer(Fields.PRODUCER_SEQ, seq));
    } catch (IllegalArgumentException e) {
      throw Refusal.badRequest("bad_producer", String.valueOf(e.getMessage()));
    }
  }

  private static long integer(String field, String text) {
    if (!INTEGER.matcher(text).matches()) {
      throw bad(field, text, "0 to 2^53-1");
    }
    return Long.parseLong(text);
  }

  private static HttpError bad(String field, String text, String expected) {
    return Refusal.badRequest(
        "bad_" + field.replace('-', '_'),
        field + ": \"" + Quotable.of(text) + "\" (expected: " + expected + ")");
  }
}
