package dev.parley.transport;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the listener.
 *
 * @param host address to bind
 * @param port 0 for any free one
 * @param eventLoops threads that serve connections
 * @param loopRest how long a busy loop may rest so that messages arrive and leave together, at most
 *     10 ms; 0 for never
 * @param maxHeaderBytes request line and headers together (414 and 431 beyond)
 * @param maxBodyBytes request body (413 beyond)
 * @param maxInFlightBodyBytes request bodies of all connections together, from their first byte
 *     until their answer begins (503 beyond)
 * @param maxConnections all together; those beyond are turned away with 503
 * @param maxConnectionsPerAddress from one remote address
 * @param headerTimeout from the first byte of a request to the end of its headers (408 beyond)
 * @param bodyTimeout how long a request body may stay below its least rate (408 beyond)
 * @param minBodyBytesPerSecond least rate of a request body, averaged over {@code bodyTimeout}; 0
 *     asks for one byte in that time
 * @param idleTimeout a kept-alive connection without a request
 * @param writeHighBytes a connection with more than this waiting is not writable
 * @param writeLowBytes and is again below this
 * @param stalledWriteTimeout a connection that takes no byte for this long while some wait is
 *     closed
 * @param tlsCertificate PEM chain, or {@code null} for plain text
 * @param tlsKey PEM key
 */
public record TransportConfig(
    String host,
    int port,
    int eventLoops,
    Duration loopRest,
    int maxHeaderBytes,
    int maxBodyBytes,
    long maxInFlightBodyBytes,
    int maxConnections,
    int maxConnectionsPerAddress,
    Duration headerTimeout,
    Duration bodyTimeout,
    int minBodyBytesPerSecond,
    Duration idleTimeout,
    int writeHighBytes,
    int writeLowBytes,
    Duration stalledWriteTimeout,
    @Nullable Path tlsCertificate,
    @Nullable Path tlsKey) {
  private static final int MAX_BODY_BYTES = 16 << 20;
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST_REST = Duration.ofMillis(10);
  private static final Duration LONGEST = Duration.ofDays(1);

  public static TransportConfig defaults() {
    return new TransportConfig(
        "127.0.0.1",
        8080,
        Runtime.getRuntime().availableProcessors(),
        Duration.ofMillis(1),
        16 << 10,
        MAX_BODY_BYTES,
        // Netty's direct memory has the bound of the heap; the rest is for what is sent.
        Math.max(4L * MAX_BODY_BYTES, Runtime.getRuntime().maxMemory() / 4),
        100_000,
        20_000,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        256, // a tenth of the slowest mobile network still in use
        Duration.ofSeconds(75),
        256 << 10,
        64 << 10,
        Duration.ofSeconds(30),
        null,
        null);
  }

  public TransportConfig {
    require(!host.isBlank(), "host", "none", "an address or a name");
    within("port", port, 0, 65_535);
    within("event-loops", eventLoops, 1, 1024);
    require(
        !loopRest.isNegative() && loopRest.compareTo(LONGEST_REST) <= 0,
        "loop-rest",
        loopRest,
        Duration.ZERO + ".." + LONGEST_REST);
    within("max-header-bytes", maxHeaderBytes, 256, 1 << 20);
    require(maxBodyBytes >= 1, "max-body-bytes", maxBodyBytes, ">= 1");
    require(
        maxInFlightBodyBytes >= maxBodyBytes,
        "max-in-flight-body-bytes",
        maxInFlightBodyBytes,
        ">= transport.max-body-bytes, " + maxBodyBytes);
    require(maxConnections >= 1, "max-connections", maxConnections, ">= 1");
    require(
        maxConnectionsPerAddress >= 1,
        "max-connections-per-address",
        maxConnectionsPerAddress,
        ">= 1");
    within("header-timeout", headerTimeout);
    within("body-timeout", bodyTimeout);
    require(minBodyBytesPerSecond >= 0, "min-body-bytes-per-second", minBodyBytesPerSecond, ">= 0");
    within("idle-timeout", idleTimeout);
    require(writeHighBytes >= 1, "write-high-bytes", writeHighBytes, ">= 1");
    require(
        writeLowBytes >= 0 && writeLowBytes <= writeHighBytes,
        "write-low-bytes",
        writeLowBytes,
        "0..transport.write-high-bytes, " + writeHighBytes);
    within("stalled-write-timeout", stalledWriteTimeout);
    require(
        (tlsCertificate == null) == (tlsKey == null),
        "tls-key",
        tlsKey == null ? "none" : tlsKey,
        "set together with transport.tls-certificate");
  }

  private static void within(String key, int value, int least, int most) {
    require(value >= least && value <= most, key, value, least + ".." + most);
  }

  private static void within(String key, Duration value) {
    require(
        value.compareTo(SHORTEST) >= 0 && value.compareTo(LONGEST) <= 0,
        key,
        value,
        SHORTEST + ".." + LONGEST);
  }

  private static void require(boolean holds, String key, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(
          "transport." + key + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** The same settings on another port. */
  public TransportConfig withPort(int port) {
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
