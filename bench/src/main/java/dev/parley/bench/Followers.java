package dev.parley.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * Many SSE followers of one stream on one thread. Each message is {@code {"n":N,"t":NANOS}}; each
 * follower checks that N goes up by one and records how long ago NANOS was. One thread owns
 * everything; read the results after {@link #join}.
 */
final class Followers implements AutoCloseable {
  private static final byte[] MARK = "{\"n\":".getBytes(StandardCharsets.US_ASCII);

  private final Selector selector = Selector.open();
  private final List<Follower> followers = new ArrayList<>();
  private final Histogram latency = new Histogram(60_000_000_000L, 3);
  private final Thread thread = Thread.ofPlatform().name("followers").unstarted(this::run);
  private volatile boolean stop;
  private final LongAdder received = new LongAdder();
  private long wrong;
  private long ended;

  Followers() throws IOException {}

  /**
   * Opens {@code count} connections, each with its request sent; returns when every one has its
   * response headers.
   */
  void connect(URI server, String path, int count) throws IOException {
    byte[] request =
        ("GET "
                + path
                + " HTTP/1.1\r\nhost: "
                + server.getAuthority()
                + "\r\naccept: text/event-stream\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    ByteBuffer answer = ByteBuffer.allocate(4096);
    for (int i = 0; i < count; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
      channel.write(ByteBuffer.wrap(request));
      answer.clear();
      if (channel.read(answer) < 12
          || !new String(answer.array(), 9, 3, StandardCharsets.US_ASCII).equals("200")) {
        throw new IOException(
            "follower "
                + i
                + " was refused: "
                + new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII));
      }
      channel.configureBlocking(false);
      Follower follower = new Follower(channel);
      channel.register(selector, SelectionKey.OP_READ, follower);
      followers.add(follower);
    }
  }

  void start() {
    thread.start();
  }

  /** Messages received so far, all followers together. */
  long received() {
    return received.sum();
  }

  void join() throws InterruptedException {
    stop = true;
    selector.wakeup();
    thread.join();
  }

  Histogram latency() {
    return latency;
  }

  /** Messages out of order, repeated or missing in the middle. */
  long wrong() {
    return wrong;
  }

  /** Followers whose connection ended. */
  long ended() {
    return ended;
  }

  private void run() {
    byte[] bytes = new byte[256 << 10];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      while (!stop) {
        selector.select(
            key -> {
              try {
                read((Follower) key.attachment(), key, buffer, bytes);
              } catch (IOException e) {
                ended++;
                key.cancel();
              }
            },
            100);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void read(Follower follower, SelectionKey key, ByteBuffer buffer, byte[] bytes)
      throws IOException {
    buffer.clear();
    buffer.put(follower.rest);
    int count = follower.channel.read(buffer);
    if (count < 0) {
      ended++;
      key.cancel();
      return;
    }
    long now = System.nanoTime();
    int end = buffer.position();
    int from = 0;
    long taken = 0;
    for (int at = find(bytes, from, end); at >= 0; at = find(bytes, from, end)) {
      int close = at;
      while (close < end && bytes[close] != '}') {
        close++;
      }
      if (close == end) {
        from = at;
        break;
      }
      int comma = at;
      while (bytes[comma] != ',') {
        comma++;
      }
      long n = number(bytes, at + MARK.length, comma);
      if (follower.next >= 0 && n != follower.next) {
        wrong++;
      }
      follower.next = n + 1;
      latency.recordValue(
          Math.min(Math.max(0, now - number(bytes, comma + 5, close)), 60_000_000_000L));
      taken++;
      from = close + 1;
    }
    received.add(taken);
    // Keep what may be the start of a message cut in two.
    int keep = Math.max(from, end - MARK.length + 1);
    for (int i = from; i < end; i++) {
      if (bytes[i] == '{') {
        keep = Math.min(keep, i);
        break;
      }
    }
    follower.rest =
        keep < end && end - keep < 64
            ? java.util.Arrays.copyOfRange(bytes, keep, end)
            : Follower.NOTHING;
  }

  private static int find(byte[] bytes, int from, int end) {
    outer:
    for (int i = from; i <= end - MARK.length; i++) {
      for (int j = 0; j < MARK.length; j++) {
        if (bytes[i + j] != MARK[j]) {
          continue outer;
        }
      }
      return i;
    }
    return -1;
  }

  private static long number(byte[] bytes, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = value * 10 + bytes[i] - '0';
    }
    return value;
  }

  @Override
  public void close() throws IOException {
    for (Follower follower : followers) {
      follower.channel.close();
    }
    selector.close();
  }

  private static final class Follower {
    static final byte[] NOTHING = {};
    final SocketChannel channel;
    byte[] rest = NOTHING;
    long next = -1;

    Follower(SocketChannel channel) {
      this.channel = channel;
    }
  }
}
