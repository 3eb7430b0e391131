package dev.parley.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Many writers on one thread, each with a kept-alive connection and one append under way: the
 * cheapest load there is, since the generator takes its CPU from the server it measures. Answers
 * must be without a body, as those to appends are. Confined to the thread that made it.
 */
final class Writers implements AutoCloseable {
  private static final int STATUS_AT = "HTTP/1.1 ".length();
  private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Selector selector = Selector.open();
  private final List<Writer> writers = new ArrayList<>();
  private final ByteBuffer answer = ByteBuffer.allocateDirect(16 << 10);

  Writers() throws IOException {}

  /** Adds one that will send {@code append} again and again. */
  void add(URI server, byte[] append) throws IOException {
    SocketChannel channel =
        SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    Writer writer = new Writer(channel, ByteBuffer.allocateDirect(append.length).put(append));
    channel.register(selector, SelectionKey.OP_READ, writer);
    writers.add(writer);
  }

  /**
   * Appends until {@code end}, by {@link System#nanoTime}, and waits for the answers under way.
   *
   * @return how long each append took, in nanoseconds
   */
  Histogram run(long end) throws IOException {
    Histogram latency = new Histogram(60_000_000_000L, 3);
    for (Writer writer : writers) {
      writer.send(System.nanoTime());
    }
    int[] underWay = {writers.size()};
    while (underWay[0] > 0) {
      selector.select(
          key -> {
            try {
              Writer writer = (Writer) key.attachment();
              if (answered(writer)) {
                long now = System.nanoTime();
                latency.recordValue(now - writer.begun);
                if (now < end) {
                  writer.send(now);
                } else {
                  underWay[0]--;
                }
              }
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          },
          1_000);
    }
    return latency;
  }

  /** Whether the answer is complete; an append that was refused ends the run. */
  private boolean answered(Writer writer) throws IOException {
    answer.clear();
    int count = writer.channel.read(answer);
    if (count < 0) {
      throw new IOException("the server closed the connection");
    }
    if (!writer.inAnswer && count > STATUS_AT && answer.get(STATUS_AT) != '2') {
      throw new IOException(
          "append: " + StandardCharsets.US_ASCII.decode(answer.flip()).toString());
    }
    writer.inAnswer = true;
    for (int i = 0; i < count; i++) {
      writer.matched = answer.get(i) == END[writer.matched] ? writer.matched + 1 : 0;
      if (writer.matched == END.length) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    for (Writer writer : writers) {
      writer.channel.close();
    }
    selector.close();
  }

  private static final class Writer {
    final SocketChannel channel;
    final ByteBuffer append;
    long begun;
    boolean inAnswer;
    int matched; // bytes of END that were seen last

    Writer(SocketChannel channel, ByteBuffer append) {
      this.channel = channel;
      this.append = append;
    }

    void send(long now) throws IOException {
      begun = now;
      inAnswer = false;
      matched = 0;
      channel.write(append.rewind());
    }
  }
}
