package dev.parley.wire.socketio.engine;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that sends single requests and frames, as the official suites do. Any thread. */
final class Client implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final EchoServer server;
  private final String revision;

  Client(EchoServer server, int revision) {
    this.server = server;
    this.revision = "EIO=" + revision;
  }

  /** A GET that is answered. */
  HttpResponse<String> get(String query) {
    return getLater(query).join();
  }

  CompletableFuture<HttpResponse<String>> getLater(String query) {
    return http.sendAsync(
        HttpRequest.newBuilder(server.uri(query)).build(),
        HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  HttpResponse<String> send(String method, String query, String body, String... headers) {
    return sendLater(method, query, body, headers).join();
  }

  CompletableFuture<HttpResponse<String>> sendLater(
      String method, String query, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(query))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> sendBytes(String query, byte[] body) {
    return http.sendAsync(
            HttpRequest.newBuilder(server.uri(query))
                .header("content-type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .join();
  }

  HttpResponse<byte[]> getBytes(String query, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(query));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofByteArray()).join();
  }

  /** The id of a new polling session. */
  String open() {
    return sid(get(handshake("polling")).body());
  }

  String handshake(String transport) {
    return revision + "&transport=" + transport;
  }

  String polling(String sid) {
    return handshake("polling") + "&sid=" + sid;
  }

  String webSocket(String sid) {
    return handshake("websocket") + "&sid=" + sid;
  }

  HttpResponse<String> poll(String sid) {
    return get(polling(sid));
  }

  CompletableFuture<HttpResponse<String>> pollLater(String sid) {
    return getLater(polling(sid));
  }

  HttpResponse<String> post(String sid, String body) {
    return send("POST", polling(sid), body);
  }

  /** What the open packet says, without or with its length before it. */
  static JsonNode data(String open) {
    return JsonMapper.shared().readTree(open.substring(open.indexOf('{')));
  }

  static String sid(String open) {
    return data(open).path("sid").asString();
  }

  Frames connect(String query) {
    return connect(server.webSocketUri(query));
  }

  private Frames connect(URI uri) {
    Frames frames = new Frames();
    try {
      frames.socket = http.newWebSocketBuilder().buildAsync(uri, frames).join();
    } catch (CompletionException refused) {
      if (refused.getCause() instanceof java.net.http.WebSocketHandshakeException handshake) {
        frames.status = handshake.getResponse().statusCode();
      } else {
        throw refused;
      }
    }
    return frames;
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  /** What a WebSocket gets: its frames, then its close. Any thread. */
  static final class Frames implements WebSocket.Listener {
    final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable WebSocket socket;
    private volatile boolean reads = true;
    int status = 101;

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      if (reads) {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      received.add("bytes " + java.util.HexFormat.of().formatHex(bytes));
      if (reads) {
        socket.request(1);
      }
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      received.add("close " + code);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      received.add("error");
    }

    private WebSocket socket() {
      if (socket == null) {
        throw new AssertionError("status: " + status + " (expected: 101)");
      }
      return socket;
    }

    /** The next frame, the close, or nothing within ten seconds. */
    String next() throws InterruptedException {
      return String.valueOf(received.poll(10, TimeUnit.SECONDS));
    }

    Frames send(String text) {
      socket().sendText(text, true).join();
      return this;
    }

    /** As {@link #send}, to a server that may have closed meanwhile. */
    Frames sendUnlessClosed(String text) {
      return socket().sendText(text, true).handle((_, _) -> this).join();
    }

    Frames send(byte... bytes) {
      socket().sendBinary(ByteBuffer.wrap(bytes), true).join();
      return this;
    }

    /** Takes one more frame, and no other. */
    void stopReading() {
      reads = false;
    }

    void abort() {
      socket().abort();
    }
  }
}
