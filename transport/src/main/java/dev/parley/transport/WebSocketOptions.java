package dev.parley.transport;

import java.time.Duration;

/**
 * What a WebSocket may do. A value.
 *
 * @param maxMessageBytes a message, after its fragments are joined and inflated (1009 beyond)
 * @param deflate whether permessage-deflate (RFC 7692) is accepted; always without context
 *     takeover, so that no socket holds a compressor
 * @param deflateFromBytes shorter messages are sent uncompressed
 * @param closeTimeout how long the client may take to answer a close
 * @param closeFrame false for a client that hears of the connection's end but not of a close frame:
 *     then what was sent is followed by that end alone, as RFC 6455 §7.1.1 permits
 */
public record WebSocketOptions(
    int maxMessageBytes,
    boolean deflate,
    int deflateFromBytes,
    Duration closeTimeout,
    boolean closeFrame) {
  /** A megabyte, no compression, five seconds. */
  public static final WebSocketOptions DEFAULTS =
      new WebSocketOptions(1_000_000, false, 1024, Duration.ofSeconds(5), true);

  private static final int MOST_BYTES = 1 << 30;

  public WebSocketOptions {
    require("maxMessageBytes", maxMessageBytes, 1, MOST_BYTES);
    require("deflateFromBytes", deflateFromBytes, 0, Integer.MAX_VALUE);
    if (!closeTimeout.isPositive()) {
      throw new IllegalArgumentException("closeTimeout: " + closeTimeout + " (expected: > 0)");
    }
  }

  private static void require(String key, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          key + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  /** The same with compression of messages from {@code fromBytes} on. */
  public WebSocketOptions withDeflate(int fromBytes) {
    return new WebSocketOptions(maxMessageBytes, true, fromBytes, closeTimeout, closeFrame);
  }

  /** The same with another bound of a message. */
  public WebSocketOptions withMaxMessageBytes(int bytes) {
    return new WebSocketOptions(bytes, deflate, deflateFromBytes, closeTimeout, closeFrame);
  }

  /** The same for clients that hear of no close frame. */
  public WebSocketOptions withoutCloseFrame() {
    return new WebSocketOptions(maxMessageBytes, deflate, deflateFromBytes, closeTimeout, false);
  }
}
