package dev.parley.wire.durable.subscription;

import dev.parley.wire.durable.OffsetToken;

/**
 * One stream of a subscription, with the cursor in it. Confined to the thread that owns the
 * subscription.
 */
final class Link {
  final String path;
  boolean explicit;
  boolean glob;
  long streamId; // 0 while there is no such stream
  long epoch;
  long acked;
  long tail;
  boolean dirty = true; // differs from what was last written

  Link(String path, long streamId, long epoch, long acked, long tail) {
    this.path = path;
    this.streamId = streamId;
    this.epoch = epoch;
    this.acked = acked;
    this.tail = tail;
  }

  boolean pending() {
    return tail > acked;
  }

  /** Another stream lives at the path now, or none (all zero). */
  void renew(long newStreamId, long newEpoch, long newAcked, long newTail) {
    streamId = newStreamId;
    epoch = newEpoch;
    acked = newAcked;
    tail = newTail;
    dirty = true;
  }

  void grow(long newTail) {
    if (newTail > tail) {
      tail = newTail;
      dirty = true;
    }
  }

  void ack(long offset) {
    if (offset > acked) {
      acked = offset;
      dirty = true;
    }
  }

  /** {@code explicit} takes precedence (Durable Streams §6.1). */
  String type() {
    return explicit ? "explicit" : "glob";
  }

  String ackedToken() {
    return OffsetToken.format(epoch, acked);
  }

  String tailToken() {
    return OffsetToken.format(epoch, tail);
  }
}
