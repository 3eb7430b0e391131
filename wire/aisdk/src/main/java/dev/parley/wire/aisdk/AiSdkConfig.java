package dev.parley.wire.aisdk;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the AI SDK wire.
 *
 * @param persona who answers in a chat whose first message names nobody; {@code null}: it has to
 * @param clientTools names of tools that the page answers; for these the tools' backend must say
 *     that the result comes later
 * @param heartbeat an answer silent for this long gets a comment, so that dead peers show
 * @param maxBodyBytes most that a page sends with a message; its chat so far is part of that
 * @param joinBytes after about so much, what is joined for a newcomer is sent in parts
 */
public record AiSdkConfig(
    @Nullable String persona,
    Set<String> clientTools,
    Duration heartbeat,
    int maxBodyBytes,
    int joinBytes) {
  public static AiSdkConfig defaults() {
    return new AiSdkConfig(null, Set.of(), Duration.ofSeconds(15), 4 << 20, 256 << 10);
  }

  public AiSdkConfig {
    clientTools = Set.copyOf(clientTools);
    if (heartbeat.compareTo(Duration.ofMillis(100)) < 0) {
      throw new IllegalArgumentException(
          "aisdk.heartbeat: " + heartbeat + " (expected: >= PT0.1S)");
    }
    atLeast("max-body-bytes", maxBodyBytes, 1024);
    atLeast("join-bytes", joinBytes, 1024);
  }

  public AiSdkConfig withPersona(String persona) {
    return new AiSdkConfig(persona, clientTools, heartbeat, maxBodyBytes, joinBytes);
  }

  public AiSdkConfig withClientTools(Set<String> clientTools) {
    return new AiSdkConfig(persona, clientTools, heartbeat, maxBodyBytes, joinBytes);
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "aisdk." + key + ": " + value + " (expected: >= " + least + ")");
    }
  }
}
