package dev.parley.testkit.upstream;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A line of JSON for each request and each end of a reply, in the order they happened. Any thread
 * may add; one of its own writes. When that falls behind, lines are lost, and the log says so.
 */
final class RequestLog {
  private static final System.Logger LOG = System.getLogger(RequestLog.class.getName());
  private static final int WAITING = 1 << 14;

  private final @Nullable BlockingQueue<String> lines;
  private final AtomicBoolean lost = new AtomicBoolean();

  private RequestLog(@Nullable BlockingQueue<String> lines) {
    this.lines = lines;
  }

  static RequestLog none() {
    return new RequestLog(null);
  }

  /** Begins the file anew. */
  static RequestLog to(Path file) throws IOException {
    BlockingQueue<String> lines = new ArrayBlockingQueue<>(WAITING);
    RequestLog log = new RequestLog(lines);
    Writer writer = Files.newBufferedWriter(file);
    Thread.ofPlatform().name("log").daemon().start(() -> log.writeOn(writer, lines));
    return log;
  }

  private void writeOn(Writer writer, BlockingQueue<String> lines) {
    try (writer) {
      while (true) {
        String line = lines.take();
        do {
          writer.write(line);
          writer.write('\n');
          line = lines.poll();
        } while (line != null);
        if (lost.getAndSet(false)) {
          writer.write("{\"lost\":true}\n");
        }
        writer.flush();
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "the log ended", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The body is logged as it came, byte for byte; the key is not. */
  void request(Connection connection, String id, Request request) {
    if (lines != null) {
      add(
          String.format(
              Locale.ROOT,
              """
              {"request":"%s","atNanos":%d,"connection":%d,"method":%s,"target":%s,"body":%s}\
              """,
              id,
              System.nanoTime(),
              connection.number,
              Json.quote(request.method()),
              Json.quote(request.target()),
              Json.quote(request.body())));
    }
  }

  /**
   * @param how in one word
   */
  void end(String id, String how, int tokens) {
    if (lines != null) {
      add(
          String.format(
              Locale.ROOT,
              """
              {"end":"%s","atNanos":%d,"how":"%s","tokens":%d}\
              """,
              id,
              System.nanoTime(),
              how,
              tokens));
    }
  }

  private void add(String line) {
    if (lines != null && !lines.offer(line)) {
      lost.set(true);
    }
  }
}
