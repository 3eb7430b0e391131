package dev.parley.wire.socketio.codec;

import java.time.Duration;
import java.util.List;

/**
 * What the server says when it opens a session (Engine.IO 4, "Handshake"). Immutable.
 *
 * @param sid of characters that JSON need not escape, as are the names of {@code upgrades}
 */
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
  public EnginePacket.Open packet(Revision revision) {
    StringBuilder json = new StringBuilder(128).append("{\"sid\":\"").append(sid).append('"');
    json.append(",\"upgrades\":[");
    for (int i = 0; i < upgrades.size(); i++) {
      json.append(i == 0 ? "\"" : ",\"").append(upgrades.get(i)).append('"');
    }
    json.append("],\"pingInterval\":").append(pingInterval.toMillis());
    json.append(",\"pingTimeout\":").append(pingTimeout.toMillis());
    switch (revision) {
      case EIO3 -> {}
      case EIO4 -> json.append(",\"maxPayload\":").append(maxPayload);
    }
    return new EnginePacket.Open(Slice.utf8(json.append('}').toString()));
  }
}
