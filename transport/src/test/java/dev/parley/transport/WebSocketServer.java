package dev.parley.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A server of WebSockets for tests: echoes, and keeps what its listeners hear. Any thread. */
final class WebSocketServer implements AutoCloseable {
  static {
    Leaks.watch();
  }

  final HttpServer http;
  final LinkedBlockingQueue<WebSocket> sockets = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Response> held = new LinkedBlockingQueue<>();
  final WebSocketOptions options;

  WebSocketServer(WebSocketOptions options) throws IOException {
    this(options, TestServer.config());
  }

  WebSocketServer(WebSocketOptions options, TransportConfig config) throws IOException {
    this.options = options;
    http = HttpServer.start(config, this::handle);
  }

  private void handle(Request request, Response response) {
    if (request.path().equals("/hold")) {
      held.add(response);
    } else if (request.path().equals("/plain")) {
      TestServer.text(response, 200, "upgrade " + request.isWebSocketUpgrade());
    } else {
      accept(response, new Echo());
    }
  }

  void accept(Response response, WebSocketListener listener) {
    response.headers().set("x-extra", "yes");
    WebSocket socket = response.acceptWebSocket(options, listener);
    if (socket != null) {
      sockets.add(socket);
    }
  }

  WebSocket socket() throws InterruptedException {
    WebSocket socket = sockets.poll(10, TimeUnit.SECONDS);
    if (socket == null) {
      throw new AssertionError("no socket was accepted");
    }
    return socket;
  }

  String nextHeard() throws InterruptedException {
    return String.valueOf(heard.poll(10, TimeUnit.SECONDS));
  }

  /** Waits for one that begins so, among what other sockets may hear. */
  boolean hears(String prefix) throws InterruptedException {
    for (String next = nextHeard(); !next.equals("null"); next = nextHeard()) {
      if (next.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  static ByteBuf bytes(String text) {
    return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    http.close();
  }

  /** Sends back what it gets, except for a few texts that ask for more. */
  private final class Echo implements WebSocketListener {
    @Override
    public void onText(WebSocket socket, ByteBuf utf8) {
      String text = utf8.toString(StandardCharsets.UTF_8);
      switch (text) {
        case "fail" -> throw new IllegalStateException("on purpose");
        case "pause" -> socket.pauseReading();
        case "blink" -> {
          socket.pauseReading();
          socket.resumeReading();
        }
        default -> socket.sendText(utf8.retainedDuplicate());
      }
    }

    @Override
    public void onBinary(WebSocket socket, ByteBuf bytes) {
      socket.sendBinary(bytes.retainedDuplicate());
    }

    @Override
    public void onPong(WebSocket socket, ByteBuf payload) {
      heard.add("pong " + payload.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason) {
      heard.add("close " + code + " " + reason);
    }
  }
}
