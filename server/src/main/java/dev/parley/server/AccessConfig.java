package dev.parley.server;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what. Without a secret and a key set, anyone who reaches the server may do anything.
 *
 * @param secret shared secret for HS256 tokens
 * @param secretFile a file that holds it instead
 * @param jwksUrl where the public keys for RS256, ES256 and EdDSA tokens are published
 * @param audience what a token's {@code aud} must contain, or {@code null} for any
 * @param issuer what a token's {@code iss} must be, or {@code null} for any
 * @param clockSkew how far the clocks of issuer and server may differ
 * @param allowOrigins pages that may call, as {@code https://app.example}, or {@code *}; the
 *     server's own pages always may
 */
record AccessConfig(
    @Nullable String secret,
    @Nullable Path secretFile,
    @Nullable URI jwksUrl,
    @Nullable String audience,
    @Nullable String issuer,
    Duration clockSkew,
    List<String> allowOrigins) {
  static final int LEAST_SECRET_BYTES = 32; // RFC 7518 §3.2

  static AccessConfig defaults() {
    return new AccessConfig(null, null, null, null, null, Duration.ofSeconds(30), List.of());
  }

  AccessConfig {
    if (secret != null && secret.getBytes(StandardCharsets.UTF_8).length < LEAST_SECRET_BYTES) {
      throw new IllegalArgumentException(
          "access.secret: too short (expected: >= " + LEAST_SECRET_BYTES + " bytes)");
    }
    if (secret != null && secretFile != null) {
      throw new IllegalArgumentException(
          "access.secret-file: " + secretFile + " (expected: not both it and access.secret)");
    }
    if (jwksUrl != null
        && !"https".equals(jwksUrl.getScheme())
        && !("http".equals(jwksUrl.getScheme()) && Loopback.isName(jwksUrl.getHost()))) {
      throw new IllegalArgumentException(
          "access.jwks-url: " + jwksUrl + " (expected: an https URL)");
    }
    if (clockSkew == null || clockSkew.isNegative()) {
      throw new IllegalArgumentException("access.clock-skew: " + clockSkew + " (expected: >= 0s)");
    }
    for (String origin : allowOrigins) {
      if (!origin.equals("*") && !origin.matches("https?://[^/\\s?#]+")) {
        throw new IllegalArgumentException(
            "access.allow-origins: "
                + origin
                + " (expected: * or origins such as https://app.example)");
      }
    }
    allowOrigins = List.copyOf(allowOrigins);
  }

  /** Whether tokens are asked for. */
  boolean hasKeys() {
    return secret != null || secretFile != null || jwksUrl != null;
  }
}
