package dev.parley.transport;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A server for tests: echoes, streams on demand, and holds what tests ask about. */
final class TestServer implements AutoCloseable {
  static {
    Leaks.watch();
  }

  final HttpServer http;
  final LinkedBlockingQueue<StreamingBody> bodies = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Response> held = new LinkedBlockingQueue<>();
  final Queue<String> paths = new ConcurrentLinkedQueue<>();
  final CountDownLatch closed = new CountDownLatch(1);

  TestServer(TransportConfig config) throws IOException {
    this(config, Duration.ofMillis(20));
  }

  TestServer(TransportConfig config, Duration tlsPoll) throws IOException {
    http = HttpServer.start(config, this::handle, TransportObserver.NONE, tlsPoll);
  }

  private void handle(Request request, Response response) {
    paths.add(request.path());
    switch (request.path()) {
      case "/echo" -> {
        response.headers().set("content-type", "text/plain");
        response.send(200, request.body().retainedDuplicate());
      }
      case "/stream" -> {
        response.onClose(closed::countDown);
        bodies.add(response.stream(200));
      }
      case "/hold" -> {
        response.onClose(closed::countDown);
        held.add(response);
      }
      case "/length" -> text(response, 200, String.valueOf(request.body().readableBytes()));
      case "/nothing" -> response.send(204, Unpooled.EMPTY_BUFFER);
      case "/unchanged" -> text(response, 304, "not to be sent");
      case "/large" -> response.send(200, Unpooled.wrappedBuffer(new byte[1 << 20]));
      case "/fail" -> throw new IllegalStateException("on purpose");
      default ->
          text(
              response,
              200,
              request.method()
                  + " "
                  + request.path()
                  + " "
                  + request.query("q")
                  + " "
                  + request.authority());
    }
  }

  static void text(Response response, int status, String text) {
    response.send(status, ByteBufUtil.writeUtf8(io.netty.buffer.ByteBufAllocator.DEFAULT, text));
  }

  static SharedFrame frame(String text) {
    return SharedFrame.of(Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** Small limits that tests reach quickly; timeouts long enough not to matter. */
  static TransportConfig config() {
    return new TransportConfig(
        "127.0.0.1",
        0,
        2,
        4096,
        100_000,
        1000,
        1000,
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        64 << 10,
        16 << 10,
        Duration.ofSeconds(20),
        null,
        null);
  }

  static TransportConfig timeouts(Duration header, Duration body, Duration idle, Duration stalled) {
    TransportConfig c = config();
    return new TransportConfig(
        c.host(),
        0,
        2,
        c.maxHeaderBytes(),
        c.maxBodyBytes(),
        1000,
        1000,
        header,
        body,
        idle,
        c.writeHighBytes(),
        c.writeLowBytes(),
        stalled,
        null,
        null);
  }

  static TransportConfig connections(int all, int perAddress) {
    TransportConfig c = config();
    return new TransportConfig(
        c.host(),
        0,
        2,
        c.maxHeaderBytes(),
        c.maxBodyBytes(),
        all,
        perAddress,
        c.headerTimeout(),
        c.bodyTimeout(),
        c.idleTimeout(),
        c.writeHighBytes(),
        c.writeLowBytes(),
        c.stalledWriteTimeout(),
        null,
        null);
  }

  static TransportConfig tls(@Nullable Path certificate, @Nullable Path key) {
    TransportConfig c = config();
    return new TransportConfig(
        c.host(),
        0,
        2,
        c.maxHeaderBytes(),
        c.maxBodyBytes(),
        1000,
        1000,
        c.headerTimeout(),
        c.bodyTimeout(),
        c.idleTimeout(),
        c.writeHighBytes(),
        c.writeLowBytes(),
        c.stalledWriteTimeout(),
        certificate,
        key);
  }

  @Override
  public void close() {
    http.close();
  }
}
