package dev.parley.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * Clients that each follow one reply over SSE. Its words are {@code NNNNNN@NANOS}: each follower
 * checks that the number goes up by one and records how long ago the upstream wrote it. One thread
 * owns everything but what is offered and counted.
 */
final class ReplyFollowers implements AutoCloseable {
  private static final long LONGEST = 60_000_000_000L;
  private static final int NUMBER = 6;
  private static final int STAMP = 17;
  private static final byte[] FINISHED =
      "\"state\":\"finished\"".getBytes(StandardCharsets.US_ASCII);

  private final Selector selector = Selector.open();
  private final Queue<Follower> joining = new ConcurrentLinkedQueue<>();
  private final SingleWriterRecorder latency = new SingleWriterRecorder(LONGEST, 3);
  private final Thread thread = Thread.ofPlatform().name("followers").unstarted(this::run);
  private final LongAdder received = new LongAdder();
  private final LongAdder reads = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder finished = new LongAdder();
  private final LongAdder wrong = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private volatile boolean stop;

  ReplyFollowers() throws IOException {
    thread.start();
  }

  /** Opens a connection that follows {@code path}; blocks until its request is sent. */
  void follow(URI server, String path) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
    channel.write(
        ByteBuffer.wrap(
            ("GET "
                    + path
                    + " HTTP/1.1\r\nhost: "
                    + server.getAuthority()
                    + "\r\naccept: text/event-stream\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII)));
    channel.configureBlocking(false);
    joining.add(new Follower(channel));
    selector.wakeup();
  }

  /** Words received so far, all followers together. */
  long received() {
    return received.sum();
  }

  /** Times something was read from a socket. */
  long reads() {
    return reads.sum();
  }

  /** Bytes read. */
  long bytes() {
    return bytes.sum();
  }

  /** Replies whose end was seen. */
  long finished() {
    return finished.sum();
  }

  /** Words out of order, repeated or missing in the middle. */
  long wrong() {
    return wrong.sum();
  }

  /** Connections that ended before their reply did. */
  long cut() {
    return cut.sum();
  }

  /** From the upstream's write to the follower, in nanoseconds, since the last call. */
  Histogram takeLatency() {
    return latency.getIntervalHistogram();
  }

  private void run() {
    byte[] array = new byte[256 << 10];
    ByteBuffer buffer = ByteBuffer.wrap(array);
    try {
      while (!stop) {
        for (Follower next = joining.poll(); next != null; next = joining.poll()) {
          next.channel.register(selector, SelectionKey.OP_READ, next);
        }
        selector.select(
            key -> {
              Follower follower = (Follower) key.attachment();
              try {
                read(follower, key, buffer, array);
              } catch (IOException e) {
                end(follower, key);
              }
            },
            100);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void end(Follower follower, SelectionKey key) {
    key.cancel();
    if (!follower.finished) {
      cut.increment();
    }
  }

  private void read(Follower follower, SelectionKey key, ByteBuffer buffer, byte[] array)
      throws IOException {
    buffer.clear();
    buffer.put(follower.rest);
    int count = follower.channel.read(buffer);
    if (count < 0) {
      end(follower, key);
      return;
    }
    long now = System.nanoTime();
    reads.increment();
    bytes.add(count);
    int end = buffer.position();
    int from = 0;
    long words = 0;
    for (int at = NUMBER; at < end - STAMP; at++) {
      if (array[at] == '@' && isWord(array, at)) {
        long number = number(array, at - NUMBER, at);
        if (number != follower.next) {
          wrong.increment();
        }
        follower.next = number + 1;
        long late = now - number(array, at + 1, at + 1 + STAMP);
        latency.recordValue(Math.clamp(late, 0, LONGEST));
        words++;
        at += STAMP;
        from = at + 1;
      }
    }
    received.add(words);
    if (!follower.finished && find(array, from, end)) {
      follower.finished = true;
      finished.increment();
    }
    int keep = Math.max(from, end - NUMBER - STAMP - 1);
    follower.rest = keep < end ? Arrays.copyOfRange(array, keep, end) : Follower.NOTHING;
  }

  private static boolean isWord(byte[] array, int at) {
    return isDigit(array[at - 1]) && isDigit(array[at - NUMBER]) && isDigit(array[at + STAMP]);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static boolean find(byte[] array, int from, int end) {
    for (int i = from; i <= end - FINISHED.length; i++) {
      if (Arrays.equals(array, i, i + FINISHED.length, FINISHED, 0, FINISHED.length)) {
        return true;
      }
    }
    return false;
  }

  private static long number(byte[] array, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = value * 10 + array[i] - '0';
    }
    return value;
  }

  @Override
  public void close() throws IOException {
    stop = true;
    selector.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }

  private static final class Follower {
    static final byte[] NOTHING = {};
    final SocketChannel channel;
    byte[] rest = NOTHING;
    long next = 1;
    boolean finished;

    Follower(SocketChannel channel) {
      this.channel = channel;
    }
  }
}
