package dev.parley.provider.http;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one upstream is reached.
 *
 * @param base what paths are appended to, such as {@code https://api.example.com/v1}
 * @param maxConnections the most open at once, over all loops
 * @param maxWaiting the most requests that wait for a connection, over all loops
 * @param connectTimeout for the connection and the TLS handshake, each
 * @param idleTimeout how long an unused connection is kept
 * @param protocol which HTTP to speak
 * @param trusted certificates to trust instead of the JDK's, as PEM
 */
public record UpstreamConfig(
    URI base,
    int maxConnections,
    int maxWaiting,
    Duration connectTimeout,
    Duration idleTimeout,
    Protocol protocol,
    @Nullable Path trusted) {
  /** Which HTTP an upstream speaks. */
  public enum Protocol {
    /** HTTP/1.1, or HTTP/2 where TLS agrees on it (ALPN). */
    NEGOTIATED,
    HTTP_1_1,
    /** HTTP/2 at once; without TLS by prior knowledge (RFC 9113 §3.3). */
    HTTP_2
  }

  public UpstreamConfig {
    String scheme = base.getScheme();
    boolean http = "http".equals(scheme) || "https".equals(scheme);
    if (!http || base.getHost() == null || base.getQuery() != null || base.getFragment() != null) {
      throw new IllegalArgumentException(
          "provider.url: " + shown(base) + " (expected: http(s)://host[:port][/path])");
    }
    if (base.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "provider.url: " + shown(base) + " with credentials (expected: a key of its own)");
    }
    require("max-connections", maxConnections, 1);
    require("max-waiting", maxWaiting, 0);
    require("connect-timeout", connectTimeout);
    require("idle-timeout", idleTimeout);
  }

  /** Defaults for an address. */
  public static UpstreamConfig of(URI base) {
    return new UpstreamConfig(
        base, 4096, 4096, Duration.ofSeconds(5), Duration.ofSeconds(55), Protocol.NEGOTIATED, null);
  }

  public UpstreamConfig withProtocol(Protocol other) {
    return new UpstreamConfig(
        base, maxConnections, maxWaiting, connectTimeout, idleTimeout, other, trusted);
  }

  public UpstreamConfig withConnections(int most, int waiting) {
    return new UpstreamConfig(base, most, waiting, connectTimeout, idleTimeout, protocol, trusted);
  }

  public UpstreamConfig withTimeouts(Duration connect, Duration idle) {
    return new UpstreamConfig(base, maxConnections, maxWaiting, connect, idle, protocol, trusted);
  }

  public UpstreamConfig withTrusted(Path pem) {
    return new UpstreamConfig(
        base, maxConnections, maxWaiting, connectTimeout, idleTimeout, protocol, pem);
  }

  boolean secure() {
    return "https".equals(base.getScheme());
  }

  /** Scheme, host and port: what may be logged. */
  String origin() {
    return base.getScheme()
        + "://"
        + base.getHost()
        + (base.getPort() < 0 ? "" : ":" + base.getPort());
  }

  private static String shown(URI uri) {
    return uri.getScheme() + "://" + uri.getHost();
  }

  private static void require(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "provider." + key + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private static void require(String key, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "provider." + key + ": " + value + " (expected: over 0 s, at most a day)");
    }
  }
}
