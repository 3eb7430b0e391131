package dev.parley.stream;

/**
 * Identifies one append of one producer, so that a retry is recognised (Durable Streams §5.2.1).
 * {@code epoch} and {@code seq} are in [0, 2^53-1].
 */
public record ProducerStamp(String id, long epoch, long seq) {
  public static final long MAX = (1L << 53) - 1;

  public ProducerStamp {
    if (id.isEmpty() || id.length() > 256) {
      throw new IllegalArgumentException(
          "producer id: " + id.length() + " characters (expected: 1 to 256)");
    }
    if (epoch < 0 || epoch > MAX) {
      throw new IllegalArgumentException("producer epoch: " + epoch + " (expected: 0 to 2^53-1)");
    }
    if (seq < 0 || seq > MAX) {
      throw new IllegalArgumentException("producer seq: " + seq + " (expected: 0 to 2^53-1)");
    }
  }
}
