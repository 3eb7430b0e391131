package dev.parley.stream;

/** What the operator decided for the streams of a path pattern. */
public record StreamPolicy(
    Durability durability, Retention retention, int maxMessageBytes, SlowFollower slowFollower) {
  public static final int DEFAULT_MAX_MESSAGE_BYTES = 8 << 20;
  public static final StreamPolicy DEFAULT =
      new StreamPolicy(
          Durability.SYNC, Retention.FOREVER, DEFAULT_MAX_MESSAGE_BYTES, SlowFollower.LOSSLESS);

  /** What happens to a follower that cannot keep up with the stream. */
  public enum SlowFollower {
    /** It leaves the live path and catches up from the store when it drains. */
    LOSSLESS,
    /** It skips to the newest message when it drains, and is told how many it missed. */
    LATEST,
    /** It is told to go, and where it was. */
    DISCONNECT
  }

  public StreamPolicy {
    if (maxMessageBytes < 1) {
      throw new IllegalArgumentException(
          "max-message-bytes: " + maxMessageBytes + " (expected: >= 1)");
    }
  }
}
