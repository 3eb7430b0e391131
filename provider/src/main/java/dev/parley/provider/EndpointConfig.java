package dev.parley.provider;

import java.time.Duration;

/**
 * What one endpoint's replies may take.
 *
 * @param firstToken from the request, waiting for a connection included, to the first token
 * @param betweenTokens from token to token; comments and pings are none
 * @param maxReplyChars the most one reply may have, tool arguments and reasoning included
 * @param maxEventBytes the most one event may have; sixteen times as much may come without a token
 */
public record EndpointConfig(
    Duration firstToken, Duration betweenTokens, int maxReplyChars, int maxEventBytes) {
  public static final EndpointConfig DEFAULT =
      new EndpointConfig(Duration.ofSeconds(60), Duration.ofSeconds(30), 4_000_000, 1_000_000);

  public EndpointConfig {
    require("first-token", firstToken);
    require("between-tokens", betweenTokens);
    if (maxReplyChars < 1) {
      throw new IllegalArgumentException(
          "provider.max-reply-chars: " + maxReplyChars + " (expected: >= 1)");
    }
    if (maxEventBytes < 1024 || maxEventBytes > 64_000_000) {
      throw new IllegalArgumentException(
          "provider.max-event-bytes: " + maxEventBytes + " (expected: 1024 to 64000000)");
    }
  }

  public EndpointConfig withTimeouts(Duration first, Duration between) {
    return new EndpointConfig(first, between, maxReplyChars, maxEventBytes);
  }

  public EndpointConfig withLimits(int replyChars, int eventBytes) {
    return new EndpointConfig(firstToken, betweenTokens, replyChars, eventBytes);
  }

  private static void require(String key, Duration value) {
    if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "provider." + key + ": " + value + " (expected: over 0 s, at most a day)");
    }
  }
}
