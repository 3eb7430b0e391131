package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.Encoded;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.SocketPacket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A packet ready to leave, for one socket or many. Immutable.
 *
 * @param packet what it was made of
 * @param encoded its bytes, the same in both revisions but for the answer to a connect
 * @param compress whether it may be compressed
 * @param mayDrop whether it is dropped for a connection that cannot take it at once
 * @param origin where it comes from, or {@code null} when it is no message of a stream
 * @param position where it is kept, in the store's change feed, or {@link #NOT_KEPT}
 * @param treatment of those who are too slow for it, or {@code null} when it waits for them
 */
record Delivery(
    SocketPacket packet,
    Encoded encoded,
    boolean compress,
    boolean mayDrop,
    long position,
    @Nullable Origin origin,
    @Nullable Treatment treatment) {
  /** The message of a stream that it is: the room of the stream, and its offset. */
  record Origin(String room, long offset) {}

  /** Not kept: it has no position. */
  static final long NOT_KEPT = -1;

  static Delivery of(SocketPacket packet, boolean compress, boolean mayDrop) {
    return new Delivery(
        packet, Encoded.of(Revision.EIO4, packet), compress, mayDrop, NOT_KEPT, null, null);
  }

  /**
   * An event that is kept: the client learns its position by one more argument, and so can say what
   * it saw.
   */
  static Delivery kept(SocketPacket.Event event, boolean compress, long position) {
    byte[] token = ('"' + Long.toString(position, 36) + '"').getBytes(StandardCharsets.US_ASCII);
    SocketPacket.Event told =
        new SocketPacket.Event(
            event.namespace(), event.name(), event.ackId(), Values.with(event.payload(), token));
    return new Delivery(
        event, Encoded.of(Revision.EIO4, told), compress, false, position, null, null);
  }

  Delivery from(String room, long offset) {
    return new Delivery(
        packet, encoded, compress, mayDrop, position, new Origin(room, offset), treatment);
  }

  Delivery treated(@Nullable Treatment how) {
    return how == null
        ? this
        : new Delivery(packet, encoded, compress, mayDrop, position, origin, how);
  }

  /** The position in a token, or −1 when it is none. */
  static long position(String token) {
    try {
      return token.length() > 13 ? NOT_KEPT : Math.max(NOT_KEPT, Long.parseLong(token, 36));
    } catch (NumberFormatException e) {
      return NOT_KEPT;
    }
  }

  int bytes() {
    int size = encoded.frame().length();
    for (int i = 0; i < encoded.attachments().size(); i++) {
      size += encoded.attachments().get(i).length();
    }
    return size;
  }
}
