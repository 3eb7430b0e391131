package dev.parley.wire.durable;

import dev.parley.stream.StreamPath;
import dev.parley.transport.Request;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code PUT} asks for (Durable Streams §5.1).
 *
 * @param contentType normalized, or {@code null} when absent
 * @param ttlSeconds or -1
 * @param expiresAt milliseconds since the Unix epoch, or -1
 */
record CreateHeaders(
    @Nullable String contentType,
    long ttlSeconds,
    long expiresAt,
    boolean closed,
    @Nullable ForkPoint fork) {

  static CreateHeaders of(Request request) {
    String ttl = request.header(Fields.TTL);
    String expires = request.header(Fields.EXPIRES_AT);
    if (ttl != null && expires != null) {
      throw Refusal.badRequest(
          "ttl_and_expiry", Fields.TTL + ", " + Fields.EXPIRES_AT + ": both (expected: one)");
    }
    return new CreateHeaders(
        ContentKind.normalize(request.header(Fields.CONTENT_TYPE)),
        ttl == null ? -1 : Numbers.canonical(Fields.TTL, ttl),
        expires == null ? -1 : Numbers.time(Fields.EXPIRES_AT, expires).toEpochMilli(),
        Numbers.isTrue(request.header(Fields.CLOSED)),
        fork(request));
  }

  private static @Nullable ForkPoint fork(Request request) {
    String from = request.header(Fields.FORKED_FROM);
    String offset = request.header(Fields.FORK_OFFSET);
    String subOffset = request.header(Fields.FORK_SUB_OFFSET);
    if (from == null) {
      if (offset != null || subOffset != null) {
        throw Refusal.badRequest(
            "no_fork_source",
            (offset != null ? Fields.FORK_OFFSET : Fields.FORK_SUB_OFFSET)
                + ": alone (expected: with "
                + Fields.FORKED_FROM
                + ")");
      }
      return null;
    }
    StreamPath source = ForkPoint.source(from);
    long units = subOffset == null ? 0 : Numbers.canonical(Fields.FORK_SUB_OFFSET, subOffset);
    Position position =
        offset == null ? new Position.Tail() : Position.parse(Fields.FORK_OFFSET, offset);
    if (units > 0 && position instanceof Position.Tail) {
      throw Refusal.badRequest(
          "bad_fork_point",
          Fields.FORK_SUB_OFFSET + ": past the tail (expected: an offset before it)");
    }
    return new ForkPoint(source, position, units);
  }
}
