package dev.parley.backend.rocksdb;

import dev.parley.stream.Change;
import dev.parley.stream.StreamPath;

/** The stored form of an entry of the change feed; its sequence is the key. Stateless. */
final class FeedCodec {
  private static final int VERSION = 1;

  private FeedCodec() {}

  static byte[] encode(Change change) {
    return new Packer()
        .put(VERSION)
        .put(code(change.kind()))
        .number(change.streamId())
        .number(change.timestamp())
        .number(change.first())
        .number(change.last())
        .text(change.path().value())
        .toBytes();
  }

  static Change decode(long sequence, byte[] stored) {
    Unpacker fields = new Unpacker("change " + sequence, stored);
    fields.version(VERSION);
    Change.Kind kind = kind(fields);
    long streamId = fields.number();
    long timestamp = fields.number();
    long first = fields.number();
    long last = fields.number();
    return new Change(
        sequence, kind, StreamPath.of(fields.text()), streamId, timestamp, first, last);
  }

  // Not ordinals: a kind added in the middle must not change what is stored.
  private static int code(Change.Kind kind) {
    return switch (kind) {
      case CREATED -> 1;
      case APPENDED -> 2;
      case CLOSED -> 3;
      case DELETED -> 4;
      case TRIMMED -> 5;
    };
  }

  private static Change.Kind kind(Unpacker fields) {
    int code = fields.get();
    return switch (code) {
      case 1 -> Change.Kind.CREATED;
      case 2 -> Change.Kind.APPENDED;
      case 3 -> Change.Kind.CLOSED;
      case 4 -> Change.Kind.DELETED;
      case 5 -> Change.Kind.TRIMMED;
      default -> throw fields.corrupt("kind: " + code + " (expected: 1 to 5)");
    };
  }
}
