package dev.parley.testkit.upstream;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * An answer of one line that takes a gibibyte, as fast as it is read. Confined to the connection's
 * loop.
 */
final class Flooding extends Wheel.Timer {
  private static final byte[] BEGIN = "data: {\"id\":\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MORE = new byte[64 << 10];
  private static final long BYTES = 1L << 30;
  private static final int PIECES_A_TURN = 16;

  static {
    Arrays.fill(MORE, (byte) 'a');
  }

  private final Exchange exchange;
  private final Stats stats;
  private long written;

  Flooding(Exchange exchange, Stats stats) {
    this.exchange = exchange;
    this.stats = stats;
  }

  void start(int status, Map<String, String> headers) {
    stats.running.increment();
    stats.faulted.increment();
    exchange.onGone(() -> {
      exchange.connection.wheel.cancel(this);
      stats.running.decrement();
    });
    exchange.head(status, headers);
    exchange.write(exchange.begin().writeBytes(BEGIN));
    exchange.connection.wheel.arm(this, 0);
  }

  @Override
  void onTime(long nowNanos) {
    for (int i = 0; i < PIECES_A_TURN && written < BYTES && exchange.isWritable(); i++) {
      ByteBuf piece = exchange.begin();
      exchange.write(piece.writeBytes(MORE));
      exchange.flush();
      written += MORE.length;
    }
    if (written < BYTES) {
      exchange.connection.wheel.arm(this, nowNanos);
    } else {
      exchange.end();
      stats.running.decrement();
    }
  }
}
