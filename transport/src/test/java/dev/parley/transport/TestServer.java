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
    this(config, Sockets.best());
  }

  TestServer(TransportConfig config, Sockets sockets) throws IOException {
    http = HttpServer.start(config, this::handle, TransportObserver.NONE, sockets);
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

  static TransportConfig config() {
    return new TestConfig().build();
  }

  static TransportConfig timeouts(Duration header, Duration body, Duration idle, Duration stalled) {
    TestConfig config = new TestConfig();
    config.headerTimeout = header;
    config.bodyTimeout = body;
    config.idleTimeout = idle;
    config.stalledWriteTimeout = stalled;
    return config.build();
  }

  static TransportConfig connections(int all, int perAddress) {
    TestConfig config = new TestConfig();
    config.maxConnections = all;
    config.maxConnectionsPerAddress = perAddress;
    return config.build();
  }

  static TransportConfig tls(Path certificate, Path key) {
    TestConfig config = new TestConfig();
    config.tlsCertificate = certificate;
    config.tlsKey = key;
    return config.build();
  }

  @Override
  public void close() {
    http.close();
  }
}
