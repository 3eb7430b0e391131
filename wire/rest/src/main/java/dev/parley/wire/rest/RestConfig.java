package dev.parley.wire.rest;

import java.time.Duration;

/**
 * Settings of the REST wire.
 *
 * @param heartbeat an SSE answer silent for this long gets a comment, so that dead peers show
 * @param maxBodyBytes of a request; larger ones are refused though the transport takes them
 */
public record RestConfig(Duration heartbeat, int maxBodyBytes) {
  public static final RestConfig DEFAULT = new RestConfig(Duration.ofSeconds(15), 2 << 20);

  public RestConfig {
    if (heartbeat.compareTo(Duration.ofMillis(100)) < 0) {
      throw new IllegalArgumentException(
          "rest.heartbeat: " + heartbeat + " (expected: >= " + Duration.ofMillis(100) + ")");
    }
    if (maxBodyBytes < 1024) {
      throw new IllegalArgumentException(
          "rest.max-body-bytes: " + maxBodyBytes + " (expected: >= 1024)");
    }
  }
}
