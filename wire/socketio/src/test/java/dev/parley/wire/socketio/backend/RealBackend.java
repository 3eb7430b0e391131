package dev.parley.wire.socketio.backend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A backend as a user would write it, over the JDK's server; keeps what it was asked. */
final class RealBackend implements AutoCloseable {
  static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  /** A request as it came. */
  record Asked(String id, String timestamp, String signature, String text) {
    JsonNode json() {
      return JsonMapper.shared().readTree(text);
    }
  }

  /** Answers one request, by itself. */
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange, Asked asked) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile Answer answer;

  RealBackend(int port, Answer first) {
    answer = first;
    try {
      server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static RealBackend answering(String json) {
    return new RealBackend(0, with(200, json));
  }

  static Answer with(int status, String json) {
    return (exchange, _) -> send(exchange, status, json.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String text = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var headers = exchange.getRequestHeaders();
    Asked one =
        new Asked(
            headers.getFirst("webhook-id"),
            headers.getFirst("webhook-timestamp"),
            headers.getFirst("webhook-signature"),
            text);
    asked.add(one);
    answer.to(exchange, one);
  }

  void answer(Answer next) {
    answer = next;
  }

  List<Asked> asked() {
    return asked;
  }

  URI uri() {
    return uri(server.getAddress().getPort());
  }

  static URI uri(int port) {
    return URI.create("http://127.0.0.1:" + port + "/ask?key=also-secret");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
