package dev.parley.wire.socketio.codec;

import java.time.Duration;

/**
 * What a client may make the codecs hold. Immutable; checked when built.
 *
 * @param maxPayload bytes of one text packet or one polling body
 * @param maxAttachments binary parts of one packet
 * @param maxAttachmentBytes their bytes together
 * @param attachmentTimeout from the text of a packet to the last of its parts
 * @param maxNamespace bytes of a namespace with its query
 * @param maxDepth nesting of arrays and objects
 * @param maxString characters of one JSON string or key
 * @param maxNumber characters of one JSON number
 */
public record CodecLimits(
    int maxPayload,
    int maxAttachments,
    int maxAttachmentBytes,
    Duration attachmentTimeout,
    int maxNamespace,
    int maxDepth,
    int maxString,
    int maxNumber) {

  /** {@code maxPayload} and {@code maxAttachments} are those of the official server. */
  public static final CodecLimits DEFAULT =
      new CodecLimits(1_000_000, 10, 1_000_000, Duration.ofSeconds(20), 1024, 64, 1_000_000, 128);

  private static final int DEEPEST = 400; // a stack of 512 KB holds this recursion with room

  public CodecLimits {
    requireIn("max-payload", maxPayload, 1, Integer.MAX_VALUE / 4);
    requireIn("max-attachments", maxAttachments, 0, 10_000);
    requireIn("max-attachment-bytes", maxAttachmentBytes, 0, Integer.MAX_VALUE / 4);
    requireIn("max-namespace", maxNamespace, 1, 1 << 16);
    requireIn("max-depth", maxDepth, 1, DEEPEST);
    requireIn("max-string", maxString, 1, Integer.MAX_VALUE / 4);
    requireIn("max-number", maxNumber, 1, 1000);
    if (attachmentTimeout.isNegative()
        || attachmentTimeout.isZero()
        || attachmentTimeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "attachment-timeout: " + attachmentTimeout + " (expected: above 0, at most 1 hour)");
    }
  }

  private static void requireIn(String key, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          key + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
