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
 * @param maxHeaderBytes request line and headers together (431 beyond)
 * @param maxBodyBytes request body (413 beyond)
 * @param maxConnections all together; those beyond are turned away with 503
 * @param maxConnectionsPerAddress from one remote address
 * @param headerTimeout from the first byte of a request to the end of its headers (408 beyond)
 * @param bodyTimeout longest pause within a request body (408 beyond)
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
    int maxHeaderBytes,
    int maxBodyBytes,
    int maxConnections,
    int maxConnectionsPerAddress,
    Duration headerTimeout,
    Duration bodyTimeout,
    Duration idleTimeout,
    int writeHighBytes,
    int writeLowBytes,
    Duration stalledWriteTimeout,
    @Nullable Path tlsCertificate,
    @Nullable Path tlsKey) {
  public static TransportConfig defaults() {
    return new TransportConfig(
        "127.0.0.1",
        8080,
        Runtime.getRuntime().availableProcessors(),
        16 << 10,
        16 << 20,
        100_000,
        20_000,
        Duration.ofSeconds(10),
        Duration.ofSeconds(20),
        Duration.ofSeconds(75),
        256 << 10,
        64 << 10,
        Duration.ofSeconds(30),
        null,
        null);
  }
}
