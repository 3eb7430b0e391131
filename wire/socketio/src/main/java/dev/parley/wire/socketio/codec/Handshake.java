package dev.parley.wire.socketio.codec;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What the server says when it opens a session (Engine.IO 4, "Handshake"). Immutable. */
public record Handshake(
    String sid,
    List<String> upgrades,
    Duration pingInterval,
    Duration pingTimeout,
    int maxPayload) {
  public Handshake {
    upgrades = List.copyOf(upgrades);
  }

  /** Revision 3 does not know {@code maxPayload}. */
  public EnginePacket.Open packet(Revision revision, PayloadJson json) {
    ObjectNode data = JsonNodeFactory.instance.objectNode();
    data.put("sid", sid);
    ArrayNode names = data.putArray("upgrades");
    upgrades.forEach(names::add);
    data.put("pingInterval", pingInterval.toMillis());
    data.put("pingTimeout", pingTimeout.toMillis());
    switch (revision) {
      case EIO3 -> {}
      case EIO4 -> data.put("maxPayload", maxPayload);
    }
    return new EnginePacket.Open(json.bytes("handshake", data));
  }
}
