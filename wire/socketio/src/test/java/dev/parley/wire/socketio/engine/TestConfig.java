package dev.parley.wire.socketio.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Settings for tests, with heartbeats that none waits for. Owned by the test's thread. */
final class TestConfig {
  Duration pingInterval = Duration.ofMinutes(1);
  Duration pingTimeout = Duration.ofMinutes(1);
  Duration upgradeTimeout = Duration.ofSeconds(10);
  int maxPayload = 1_000_000;
  boolean polling = true;
  boolean webSocket = true;
  boolean allowUpgrades = true;
  boolean allowEio3 = true;
  boolean deflate;
  int deflateFromBytes = 1024;
  boolean httpCompression = true;
  int httpCompressionFromBytes = 1024;
  @Nullable SessionCookie cookie;
  int writeBufferBytes = 64 << 10;
  int maxQueuedBytes = 4 << 20;
  int maxSessions = 10_000;

  EngineConfig build() {
    return new EngineConfig(
        pingInterval,
        pingTimeout,
        upgradeTimeout,
        maxPayload,
        polling,
        webSocket,
        allowUpgrades,
        allowEio3,
        deflate,
        deflateFromBytes,
        httpCompression,
        httpCompressionFromBytes,
        cookie,
        writeBufferBytes,
        maxQueuedBytes,
        maxSessions);
  }
}
