package dev.parley.wire.socketio;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client that writes its packets by hand, over WebSocket or on its way there. Any thread. */
final class TestClient implements AutoCloseable {
  static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int PATIENCE_SECONDS = 20;

  private final String address;
  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private @Nullable WebSocket socket;
  private String engineSid = "";

  private TestClient(int port, int revision, String transport) {
    this.address = "127.0.0.1:" + port + "/socket.io/?EIO=" + revision + "&transport=" + transport;
  }

  /** Over WebSocket from the start; the open packet is read. */
  static TestClient open(int port, int revision) {
    TestClient client = new TestClient(port, revision, "websocket");
    client.socket = client.webSocket("ws://" + client.address);
    var _ = client.next();
    return client;
  }

  /** Over polling; see {@link #upgrade}. */
  static TestClient polling(int port) {
    TestClient client = new TestClient(port, 4, "polling");
    client.engineSid = json(client.get().substring(1)).path("sid").stringValue();
    return client;
  }

  private WebSocket webSocket(String uri) {
    return HTTP.newWebSocketBuilder().buildAsync(URI.create(uri), new Listener()).join();
  }

  private String get() {
    return answer(HttpRequest.newBuilder(uri()).build());
  }

  private URI uri() {
    return URI.create("http://" + address + (engineSid.isEmpty() ? "" : "&sid=" + engineSid));
  }

  private static String answer(HttpRequest request) {
    return HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join().body();
  }

  /** Takes what waits, over polling. */
  void poll() {
    received.addAll(List.of(get().split("\u001e", -1)));
  }

  /** Goes over to WebSocket. */
  void upgrade() {
    WebSocket next =
        webSocket("ws://" + address.replace("=polling", "=websocket") + "&sid=" + engineSid);
    socket = next;
    next.sendText("2probe", true).join();
    List<String> before = new ArrayList<>();
    for (String packet = next(); !packet.equals("3probe"); packet = next()) {
      before.add(packet);
    }
    received.addAll(before);
    next.sendText("5", true).join();
  }

  TestClient send(String packet) {
    WebSocket to = socket;
    if (to == null) {
      var _ =
          answer(
              HttpRequest.newBuilder(uri())
                  .POST(HttpRequest.BodyPublishers.ofString(packet))
                  .build());
    } else {
      to.sendText(packet, true).join();
    }
    return this;
  }

  TestClient send(byte... part) {
    if (socket != null) {
      socket.sendBinary(ByteBuffer.wrap(part), true).join();
    }
    return this;
  }

  /** Connects to a namespace; gives what the server answered. */
  JsonNode connect(String namespace, String auth) {
    send("40" + (namespace.equals("/") ? "" : namespace + ",") + auth);
    String reply = next();
    if (!reply.startsWith("40")) {
      throw new AssertionError("connect: " + reply);
    }
    return json(reply.substring(reply.indexOf('{')));
  }

  /** The next packet but a ping; a part is its bytes in hexadecimal, in brackets. */
  String next() {
    try {
      String packet;
      do {
        packet = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      } while ("2".equals(packet));
      if (packet == null) {
        throw new AssertionError("no packet in " + PATIENCE_SECONDS + " s");
      }
      return packet;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The next packet, which is an event: its name and arguments, in whatever namespace. */
  JsonNode event() {
    String packet = next();
    if (!packet.startsWith("42")) {
      throw new AssertionError("packet: " + packet + " (expected: an event)");
    }
    return json(packet.substring(packet.indexOf('[')));
  }

  /** The first arguments of the next events. */
  List<String> events(int count) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      values.add(event().get(1).asString());
    }
    return values;
  }

  static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  /** Cuts the connection. */
  @Override
  public void close() {
    if (socket != null) {
      socket.abort();
    }
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        received.add(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      received.add("[" + HexFormat.of().formatHex(bytes) + "]");
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      received.add("close " + code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      received.add("error");
    }
  }
}
