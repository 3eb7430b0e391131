package dev.parley.toolcall;

import dev.parley.webhook.SignedPost;
import dev.parley.webhook.SigningKey;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of tool calls, under {@code tools}. Never printed with its secret.
 *
 * @param url where calls are posted; {@code null} for no tools
 * @param secret signs requests: {@code whsec_} and 24 to 64 bytes in base64
 * @param secretFile a file that holds it instead
 * @param timeout from the call to the end of its answer, waiting and trying again included
 * @param attempts most requests for one call
 * @param maxAnswerBytes longest answer
 * @param maxInFlight most calls under way
 * @param maxWaiting most calls that wait for one of these; beyond, calls fail at once
 */
public record ToolsConfig(
    @Nullable URI url,
    @Nullable String secret,
    @Nullable Path secretFile,
    Duration timeout,
    int attempts,
    int maxAnswerBytes,
    int maxInFlight,
    int maxWaiting) {
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int LARGEST_ANSWER = 4 << 20; // an event has to hold it

  public static ToolsConfig defaults() {
    return new ToolsConfig(null, null, null, Duration.ofSeconds(30), 8, 1 << 20, 256, 10_000);
  }

  public ToolsConfig {
    if (url != null) {
      SignedPost.requireAddress("tools.url", url);
      if ((secret == null) == (secretFile == null)) {
        throw new IllegalArgumentException(
            "tools.secret: "
                + (secret == null ? "none" : "two")
                + " (expected: it or secret-file)");
      }
    }
    if (secret != null) {
      var _ = SigningKey.of("tools.secret", secret); // which checks
    }
    if (timeout == null || !timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "tools.timeout: "
              + timeout
              + " (expected: above 0, at most "
              + LONGEST.toSeconds()
              + "s)");
    }
    requireIn("attempts", attempts, 1, 100);
    requireIn("max-answer-bytes", maxAnswerBytes, 64, LARGEST_ANSWER);
    requireIn("max-in-flight", maxInFlight, 1, 100_000);
    requireIn("max-waiting", maxWaiting, 0, 1_000_000);
  }

  private static void requireIn(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "tools." + key + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }

  /** Without its secret, and without path and query, which may be secrets. */
  @Override
  public String toString() {
    return "tools " + (url == null ? "nowhere" : url.getScheme() + "://" + url.getRawAuthority());
  }
}
