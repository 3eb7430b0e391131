package dev.parley.wire.socketio;

import dev.parley.wire.socketio.codec.PayloadJson.Shape;
import dev.parley.wire.socketio.codec.Revision;
import dev.parley.wire.socketio.codec.SocketPacket;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a client says of the session it was in. Immutable.
 *
 * @param position of the last kept event it has seen; 0 when it has seen none
 */
record Returning(String pid, long position) {
  /** {@code null} when it says nothing of the kind, or nothing that makes sense. */
  static @Nullable Returning of(Values values, Revision revision, SocketPacket.Connect connect) {
    if (revision == Revision.EIO3 || connect.data().isEmpty()) {
      return null;
    }
    JsonNode auth = values.json().tree("connect", connect.data(), Shape.OBJECT);
    JsonNode pid = auth.path("pid");
    JsonNode offset = auth.path("offset");
    if (!pid.isString() || !Journal.isPid(pid.stringValue())) {
      return null;
    }
    if (offset.isMissingNode()) {
      return new Returning(pid.stringValue(), 0);
    }
    long position = offset.isString() ? Delivery.position(offset.stringValue()) : Delivery.NOT_KEPT;
    return new Returning(pid.stringValue(), position);
  }
}
