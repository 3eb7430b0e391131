package dev.parley.wire.socketio.engine;

import java.util.Map;

/**
 * What was counted since the start. A value.
 *
 * @param open sessions now
 * @param webSocket of those, over WebSocket
 * @param opened all that were accepted
 * @param upgraded from polling to WebSocket
 * @param refused handshakes and requests answered with an error
 * @param closed by reason
 */
public record EngineStats(
    long open,
    long webSocket,
    long opened,
    long upgraded,
    long refused,
    Map<CloseReason, Long> closed) {
  public EngineStats {
    closed = Map.copyOf(closed);
  }
}
