package dev.parley.wire.durable;

import dev.parley.stream.Quotable;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import java.net.URI;
import java.net.URISyntaxException;

/** Where a fork is asked to branch off (Durable Streams §4.2), before its source is known. */
record ForkPoint(StreamPath source, Position position, long subOffset) {

  /** The stream that a {@code Stream-Forked-From} header names by the path of its URL. */
  static StreamPath source(String header) {
    String path;
    try {
      path = new URI(header).getPath();
    } catch (URISyntaxException e) {
      path = null;
    }
    if (path == null || !path.startsWith(DurableStreams.PREFIX)) {
      throw Refusal.badRequest(
          "bad_fork_source",
          Fields.FORKED_FROM
              + ": \""
              + Quotable.of(header)
              + "\" (expected: "
              + DurableStreams.PREFIX
              + "{path})");
    }
    return DurableStreams.streamPath(path);
  }

  StreamSpec.Fork resolve(StreamInfo from, ContentKind kind) {
    long offset =
        switch (position) {
          case Position.Beginning() -> 0;
          case Position.Tail() -> -1;
          case Position.At(OffsetToken token) -> {
            if (token.isZero()) {
              yield 0;
            }
            if (token.epoch() != from.epoch() || token.offset() > from.tail()) {
              throw Refusal.badRequest(
                  "bad_fork_point", Fields.FORK_OFFSET + ": not a position of the source");
            }
            yield token.offset();
          }
        };
    return new StreamSpec.Fork(
        source,
        offset,
        subOffset,
        kind == ContentKind.JSON ? StreamSpec.Fork.Unit.MESSAGES : StreamSpec.Fork.Unit.BYTES);
  }
}
