package dev.parley.wire.socketio.engine;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a session may take. A value, checked when built.
 *
 * @param pingInterval from one heartbeat to the next
 * @param pingTimeout how late the other side may be with its heartbeat
 * @param upgradeTimeout from the opening of a second transport to the end of the upgrade
 * @param maxPayload bytes of a WebSocket message or a polling body that a client sends
 * @param polling whether HTTP long-polling is allowed
 * @param webSocket whether WebSocket is allowed
 * @param allowUpgrades whether a session may go on from polling to WebSocket
 * @param allowEio3 whether clients of revision 3 are let in
 * @param deflate whether permessage-deflate is accepted
 * @param deflateFromBytes shorter messages are sent uncompressed
 * @param httpCompression whether answers to polls are compressed for clients who accept it
 * @param httpCompressionFromBytes shorter answers are not
 * @param cookie sent with the handshake, or {@code null} for none
 * @param writeBufferBytes a polling session with more than this waiting is not writable
 * @param maxQueuedBytes a session with more than this waiting is closed
 * @param maxSessions all together (503 beyond)
 */
public record EngineConfig(
    Duration pingInterval,
    Duration pingTimeout,
    Duration upgradeTimeout,
    int maxPayload,
    boolean polling,
    boolean webSocket,
    boolean allowUpgrades,
    boolean allowEio3,
    boolean deflate,
    int deflateFromBytes,
    boolean httpCompression,
    int httpCompressionFromBytes,
    @Nullable SessionCookie cookie,
    int writeBufferBytes,
    int maxQueuedBytes,
    int maxSessions) {
  private static final Duration SHORTEST = Duration.ofMillis(10);
  private static final Duration LONGEST = Duration.ofDays(1);

  /** Those of the official server where it has them. */
  public static EngineConfig defaults() {
    return new EngineConfig(
        Duration.ofSeconds(25),
        Duration.ofSeconds(20),
        Duration.ofSeconds(10),
        1_000_000,
        true,
        true,
        true,
        true,
        false,
        1024,
        true,
        1024,
        null,
        64 << 10,
        4 << 20,
        1_000_000);
  }

  public EngineConfig {
    within("ping-interval", pingInterval);
    within("ping-timeout", pingTimeout);
    within("upgrade-timeout", upgradeTimeout);
    within("max-payload", maxPayload, 1, 1 << 28);
    if (!polling && !webSocket) {
      throw new IllegalArgumentException("transports: none (expected: polling or websocket)");
    }
    within("deflate-from-bytes", deflateFromBytes, 0, Integer.MAX_VALUE);
    within("http-compression-from-bytes", httpCompressionFromBytes, 0, Integer.MAX_VALUE);
    within("write-buffer-bytes", writeBufferBytes, 1, 1 << 30);
    within("max-queued-bytes", maxQueuedBytes, writeBufferBytes, 1 << 30);
    within("max-sessions", maxSessions, 1, Integer.MAX_VALUE);
  }

  private static void within(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          key + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  private static void within(String key, Duration value) {
    if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          key + ": " + value + " (expected: " + SHORTEST + ".." + LONGEST + ")");
    }
  }

  /** Whether a session may begin by polling and go on over WebSocket. */
  boolean upgrades() {
    return polling && webSocket && allowUpgrades;
  }
}
