package dev.parley.wire.durable;

import dev.parley.stream.Quotable;
import dev.parley.transport.Request;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code GET} asks for (Durable Streams §5.6 to §5.8), with our extensions {@code at} and
 * {@code limit}.
 *
 * @param at start with the first message younger than this, instead of at {@code position}
 * @param cursor the client's, or -1
 * @param limit most messages wanted
 * @param ifNoneMatch as sent
 */
record ReadRequest(
    Position position,
    @Nullable Instant at,
    Mode mode,
    long cursor,
    int limit,
    @Nullable String ifNoneMatch) {

  enum Mode {
    CATCH_UP,
    LONG_POLL,
    SSE
  }

  static ReadRequest of(Request request, int maxMessages) {
    Mode mode = mode(single(request, "live"));
    String offset = single(request, "offset");
    String at = single(request, "at");
    if (offset != null && at != null) {
      throw Refusal.badRequest("offset_and_at", "offset, at: both (expected: one)");
    }
    if (mode != Mode.CATCH_UP && offset == null && at == null) {
      throw Refusal.badRequest(
          "no_offset", "offset: missing (expected with live: -1, now, or an offset)");
    }
    return new ReadRequest(
        offset == null ? new Position.Beginning() : Position.parse("offset", offset),
        at == null ? null : Numbers.time("at", at),
        mode,
        Cursors.parse(request.query("cursor")),
        limit(single(request, "limit"), maxMessages),
        request.header(Fields.IF_NONE_MATCH));
  }

  private static Mode mode(@Nullable String live) {
    return switch (live) {
      case null -> Mode.CATCH_UP;
      case "long-poll" -> Mode.LONG_POLL;
      case "sse" -> Mode.SSE;
      default ->
          throw Refusal.badRequest(
              "bad_live", "live: \"" + Quotable.of(live) + "\" (expected: long-poll or sse)");
    };
  }

  private static int limit(@Nullable String text, int maxMessages) {
    if (text == null) {
      return maxMessages;
    }
    long limit = Numbers.canonical("limit", text);
    if (limit < 1) {
      throw Refusal.badRequest("bad_limit", "limit: 0 (expected: >= 1)");
    }
    return (int) Math.min(limit, maxMessages);
  }

  private static @Nullable String single(Request request, String name) {
    List<String> values = request.queryAll(name);
    if (values.size() > 1) {
      throw Refusal.badRequest(
          "bad_" + name, name + ": " + values.size() + " times (expected: once)");
    }
    return values.isEmpty() ? null : values.getFirst();
  }
}
