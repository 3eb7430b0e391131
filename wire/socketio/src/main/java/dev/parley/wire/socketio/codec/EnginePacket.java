package dev.parley.wire.socketio.codec;

/** One packet of Engine.IO. Immutable. */
public sealed interface EnginePacket {
  /** The server's answer to a handshake; its data is JSON. */
  record Open(Slice json) implements EnginePacket {}

  record Close() implements EnginePacket {}

  /** A heartbeat, or with {@code probe} the test of a transport before an upgrade. */
  record Ping(Slice data) implements EnginePacket {}

  record Pong(Slice data) implements EnginePacket {}

  /** A message of well-formed UTF-8. */
  record Text(Slice text) implements EnginePacket {}

  /** A message of bytes. */
  record Binary(Slice bytes) implements EnginePacket {}

  record Upgrade() implements EnginePacket {}

  /** Ends a waiting poll while the session moves to another transport. */
  record Noop() implements EnginePacket {}

  Close CLOSE = new Close();
  Upgrade UPGRADE = new Upgrade();
  Noop NOOP = new Noop();
}
