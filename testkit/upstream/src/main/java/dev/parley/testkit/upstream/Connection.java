package dev.parley.testkit.upstream;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import java.nio.charset.StandardCharsets;

/** One connection, for the statistics and as a whole. Confined to its loop. */
final class Connection {
  private static final byte[] BABBLE =
      "220 mail.example ESMTP\r\n\r\n".repeat(20).getBytes(StandardCharsets.US_ASCII);

  final long number;
  final Channel channel;
  final Wheel wheel;
  private final Stats stats;
  private long requests;
  private boolean ended; // by us
  private boolean watches; // only reads statistics, and is none of them

  Connection(long number, Channel channel, Wheel wheel, Stats stats) {
    this.number = number;
    this.channel = channel;
    this.wheel = wheel;
    this.stats = stats;
    stats.opened.increment();
    stats.open.increment();
  }

  /** A request for a reply, or for anything else a provider offers. */
  void onRequest() {
    stats.requests.increment();
    if (requests++ > 0) {
      stats.reused.increment();
    }
  }

  /** A request for the statistics. */
  void onWatch() {
    if (requests == 0 && !watches) {
      watches = true;
      stats.opened.decrement();
      stats.open.decrement();
    }
  }

  void onClosed() {
    if (!watches) {
      stats.open.decrement();
    }
  }

  /** Whether what it carries ended by our own doing. */
  boolean isEnded() {
    return ended;
  }

  /** Closes it in order, whatever it carries. */
  void close() {
    ended = true;
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first != null) {
      var _ =
          first.close(); // past HTTP/2's codec, which would say goodbye and wait for its streams
    }
  }

  /** Says what is no HTTP of any version, and closes. */
  void babble() {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first != null) {
      var _ = first.write(Unpooled.wrappedBuffer(BABBLE));
      first.flush();
    }
    close();
  }

  /** Ends it with a TCP reset. */
  void die() {
    channel.config().setOption(ChannelOption.SO_LINGER, 0);
    close();
  }
}
