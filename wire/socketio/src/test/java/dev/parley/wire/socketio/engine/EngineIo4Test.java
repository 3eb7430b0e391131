package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The cases of the official suite of revision 4. */
final class EngineIo4Test {
  private EchoServer server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = new EchoServer(EchoServer.officialConfig());
    client = new Client(server, 4);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static void assertHandshake(String open, String... upgrades) {
    assertThat(open).startsWith("0");
    JsonNode data = Client.data(open);
    assertThat(data.propertyNames())
        .containsExactlyInAnyOrder("sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload");
    assertThat(data.path("sid").asString()).hasSize(20);
    assertThat(data.path("upgrades").valueStream().map(JsonNode::asString))
        .containsExactly(upgrades);
    assertThat(data.path("pingInterval").asInt()).isEqualTo(300);
    assertThat(data.path("pingTimeout").asInt()).isEqualTo(1000);
    assertThat(data.path("maxPayload").asInt()).isEqualTo(1_000_000);
  }

  // Handshake, HTTP long-polling.

  @Test
  void pollingOpensASession() {
    HttpResponse<String> answer = client.get("EIO=4&transport=polling");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertHandshake(answer.body(), "websocket");
  }

  @ParameterizedTest
  @ValueSource(strings = {"transport=polling", "EIO=abc&transport=polling"})
  void pollingNeedsAKnownRevision(String query) {
    HttpResponse<String> answer = client.get(query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body())
        .isEqualTo("{\"code\":5,\"message\":\"Unsupported protocol version\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"EIO=4", "EIO=4&transport=abc"})
  void pollingNeedsAKnownTransport(String query) {
    HttpResponse<String> answer = client.get(query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"code\":0,\"message\":\"Transport unknown\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT"})
  void aHandshakeIsAGet(String method) {
    HttpResponse<String> answer = client.send(method, "EIO=4&transport=polling", "");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"code\":2,\"message\":\"Bad handshake method\"}");
  }

  // Handshake, WebSocket.

  @Test
  void webSocketOpensASession() throws Exception {
    assertHandshake(client.connect("EIO=4&transport=websocket").next());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transport=websocket",
        "EIO=abc&transport=websocket",
        "EIO=4",
        "EIO=4&transport=x"
      })
  void webSocketNeedsAKnownRevisionAndTransport(String query) {
    assertThat(client.connect(query).status).isEqualTo(400);
  }

  // Messages, HTTP long-polling.

  @ParameterizedTest
  @ValueSource(strings = {"4hello", "4test1\u001e4test2\u001e4test3", "4hello\u001ebAQIDBA=="})
  void pollingSendsAndReceives(String payload) {
    String sid = client.open();
    HttpResponse<String> pushed = client.post(sid, payload);
    assertThat(pushed.statusCode()).isEqualTo(200);
    assertThat(pushed.body()).isEqualTo("ok");
    HttpResponse<String> polled = client.poll(sid);
    assertThat(polled.statusCode()).isEqualTo(200);
    assertThat(polled.body()).isEqualTo(payload);
    assertThat(polled.headers().firstValue("content-type")).hasValue("text/plain; charset=UTF-8");
  }

  @Test
  void pollingEndsWithAWrongPacket() {
    String sid = client.open();
    assertThat(client.post(sid, "abc").statusCode()).isEqualTo(400);
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void pollingEndsWithASecondPoll() throws Exception {
    String sid = client.open();
    var first = client.pollLater(sid);
    var second = client.getLater(client.polling(sid) + "&t=burst");
    // Whichever came first has been parked, and is told.
    assertThat(List.of(first.join().statusCode(), second.join().statusCode()))
        .containsExactlyInAnyOrder(200, 400);
    assertThat(List.of(first.join().body(), second.join().body())).contains("1");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
    assertThat(server.reason()).isEqualTo("transport error");
  }

  @Test
  void pollingEndsWithACancelledPoll() throws Exception {
    String sid = client.open();
    CompletableFuture<?> poll = client.pollLater(sid);
    server.awaitRequests(2);
    poll.cancel(true);
    assertThat(server.reason()).isEqualTo("transport error");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  // Messages, WebSocket.

  @Test
  void webSocketSendsAndReceivesText() throws Exception {
    Client.Frames socket = client.connect("EIO=4&transport=websocket");
    socket.next();
    assertThat(socket.send("4hello").next()).isEqualTo("4hello");
  }

  @Test
  void webSocketSendsAndReceivesBytes() throws Exception {
    Client.Frames socket = client.connect("EIO=4&transport=websocket");
    socket.next();
    assertThat(socket.send((byte) 1, (byte) 2, (byte) 3, (byte) 4).next())
        .isEqualTo("bytes 01020304");
  }

  @Test
  void webSocketEndsWithAWrongPacket() throws Exception {
    Client.Frames socket = client.connect("EIO=4&transport=websocket");
    socket.next();
    assertThat(socket.send("abc").next()).startsWith("close");
    assertThat(server.reason()).isEqualTo("parse error");
  }

  // Heartbeat.

  @Test
  void pollingIsPinged() {
    String sid = client.open();
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> poll = client.poll(sid);
      assertThat(poll.statusCode()).isEqualTo(200);
      assertThat(poll.body()).isEqualTo("2");
      assertThat(client.post(sid, "3").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void pollingEndsWhenItDoesNotAnswerAPing() throws Exception {
    String sid = client.open();
    long opened = System.nanoTime();
    assertThat(server.reason()).isEqualTo("ping timeout");
    assertThat(System.nanoTime() - opened).isGreaterThan(1_000_000_000L);
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void webSocketIsPinged() throws Exception {
    Client.Frames socket = client.connect("EIO=4&transport=websocket");
    socket.next();
    for (int i = 0; i < 3; i++) {
      assertThat(socket.next()).isEqualTo("2");
      socket.send("3");
    }
  }

  @Test
  void webSocketEndsWhenItDoesNotAnswerAPing() throws Exception {
    Client.Frames socket = client.connect("EIO=4&transport=websocket");
    socket.next();
    assertThat(socket.next()).isEqualTo("2");
    assertThat(socket.next()).startsWith("close");
    assertThat(server.reason()).isEqualTo("ping timeout");
  }

  // Close.

  @Test
  void pollingIsClosedByTheClient() throws Exception {
    String sid = client.open();
    var poll = client.pollLater(sid);
    server.awaitRequests(2);
    assertThat(client.post(sid, "1").statusCode()).isEqualTo(200);
    assertThat(poll.join().statusCode()).isEqualTo(200);
    assertThat(poll.join().body()).isEqualTo("6");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
    assertThat(server.reason()).isEqualTo("transport close");
  }

  @Test
  void webSocketIsClosedByTheClient() throws Exception {
    Client.Frames socket = client.connect("EIO=4&transport=websocket");
    socket.next();
    assertThat(socket.send("1").next()).startsWith("close");
    assertThat(server.reason()).isEqualTo("transport close");
  }

  // Upgrade.

  private Client.Frames upgraded(String sid) throws Exception {
    Client.Frames socket = client.connect(client.webSocket(sid));
    assertThat(socket.send("2probe").next()).isEqualTo("3probe");
    return socket.send("5");
  }

  @Test
  void pollingGoesOnOverWebSocket() throws Exception {
    String sid = client.open();
    Client.Frames socket = client.connect(client.webSocket(sid));
    assertThat(socket.send("2probe").next()).isEqualTo("3probe");
    HttpResponse<String> poll = client.poll(sid);
    assertThat(poll.statusCode()).isEqualTo(200);
    assertThat(poll.body()).isEqualTo("6");
    assertThat(socket.send("5").send("4hello").next()).isEqualTo("4hello");
  }

  @Test
  void requestsAfterTheUpgradeAreIgnored() throws Exception {
    String sid = client.open();
    Client.Frames socket = upgraded(sid);
    assertThat(socket.send("4hi").next()).isEqualTo("4hi");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
    assertThat(socket.send("4hello").next()).isEqualTo("4hello");
  }

  @Test
  void anotherWebSocketAfterTheUpgradeIsIgnored() throws Exception {
    String sid = client.open();
    Client.Frames socket = upgraded(sid);
    Client.Frames other = client.connect(client.webSocket(sid));
    assertThat(other.next()).startsWith("close");
    assertThat(socket.send("4hello").next()).isEqualTo("4hello");
  }
}
