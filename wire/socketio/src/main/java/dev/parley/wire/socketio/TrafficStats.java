package dev.parley.wire.socketio;

/** What was carried since the start: messages of Engine.IO and their bytes. A value. */
public record TrafficStats(long packetsIn, long bytesIn, long packetsOut, long bytesOut) {
  static final TrafficStats NONE = new TrafficStats(0, 0, 0, 0);

  TrafficStats plus(TrafficStats more) {
    return new TrafficStats(
        packetsIn + more.packetsIn,
        bytesIn + more.bytesIn,
        packetsOut + more.packetsOut,
        bytesOut + more.bytesOut);
  }
}
