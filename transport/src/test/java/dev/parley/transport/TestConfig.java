package dev.parley.transport;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings for tests: small limits that are reached quickly, timeouts long enough not to matter.
 * Owned by the test's thread.
 */
final class TestConfig {
  private static final Duration LONG = Duration.ofSeconds(20);

  String host = "127.0.0.1";
  int port;
  int eventLoops = 2;
  int maxHeaderBytes = 4096;
  int maxBodyBytes = 100_000;
  long maxInFlightBodyBytes = 10_000_000;
  Duration loopRest = Duration.ofMillis(1);
  int maxConnections = 1000;
  int maxConnectionsPerAddress = 1000;
  Duration headerTimeout = LONG;
  Duration bodyTimeout = LONG;
  int minBodyBytesPerSecond;
  Duration idleTimeout = LONG;
  int writeHighBytes = 64 << 10;
  int writeLowBytes = 16 << 10;
  Duration stalledWriteTimeout = LONG;
  @Nullable Path tlsCertificate;
  @Nullable Path tlsKey;

  TransportConfig build() {
    return new TransportConfig(
        host,
        port,
        eventLoops,
        loopRest,
        maxHeaderBytes,
        maxBodyBytes,
        maxInFlightBodyBytes,
        maxConnections,
        maxConnectionsPerAddress,
        headerTimeout,
        bodyTimeout,
        minBodyBytesPerSecond,
        idleTimeout,
        writeHighBytes,
        writeLowBytes,
        stalledWriteTimeout,
        tlsCertificate,
        tlsKey);
  }
}
