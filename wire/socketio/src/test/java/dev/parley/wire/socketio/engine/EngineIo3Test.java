package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The cases of the official suite of revision 3. */
final class EngineIo3Test {
  private EchoServer server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = new EchoServer(EchoServer.officialConfig());
    client = new Client(server, 3);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private static void assertHandshake(String open, String... upgrades) {
    JsonNode data = Client.data(open);
    assertThat(data.propertyNames())
        .containsExactlyInAnyOrder("sid", "upgrades", "pingInterval", "pingTimeout");
    assertThat(data.path("sid").asString()).hasSize(20);
    assertThat(data.path("upgrades").valueStream().map(JsonNode::asString))
        .containsExactly(upgrades);
    assertThat(data.path("pingInterval").asInt()).isEqualTo(300);
    assertThat(data.path("pingTimeout").asInt()).isEqualTo(1000);
  }

  // Handshake.

  @Test
  void pollingOpensASession() {
    HttpResponse<String> answer = client.get("EIO=3&transport=polling");
    assertThat(answer.statusCode()).isEqualTo(200);
    String[] packet = answer.body().split(":", 2);
    assertThat(packet[0]).isEqualTo(String.valueOf(packet[1].length()));
    assertThat(packet[1]).startsWith("0");
    assertHandshake(packet[1], "websocket");
  }

  @ParameterizedTest
  @ValueSource(strings = {"EIO=3", "EIO=3&transport=abc"})
  void pollingNeedsAKnownTransport(String query) {
    assertThat(client.get(query).statusCode()).isEqualTo(400);
  }

  @Test
  void aHandshakeIsAGet() {
    assertThat(client.send("POST", "EIO=3&transport=polling", "").statusCode()).isEqualTo(400);
  }

  @Test
  void webSocketOpensASession() throws Exception {
    String open = client.connect("EIO=3&transport=websocket").next();
    assertThat(open).startsWith("0");
    assertHandshake(open);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "transport=websocket",
        "EIO=abc&transport=websocket",
        "EIO=3",
        "EIO=3&transport=x"
      })
  void webSocketNeedsAKnownRevisionAndTransport(String query) {
    assertThat(client.connect(query).status).isEqualTo(400);
  }

  @Test
  void aServerMayRefuseTheRevision() throws Exception {
    TestConfig config = new TestConfig();
    config.allowEio3 = false;
    try (EchoServer strict = new EchoServer(config.build());
        Client old = new Client(strict, 3)) {
      HttpResponse<String> answer = old.get(old.handshake("polling"));
      assertThat(answer.statusCode()).isEqualTo(400);
      assertThat(answer.body()).contains("\"code\":5");
      assertThat(old.connect(old.handshake("websocket")).status).isEqualTo(400);
    }
  }

  // Messages.

  @ParameterizedTest
  @ValueSource(strings = {"6:4hello", "6:4test16:4test26:4test3", "6:4hello10:b4AQIDBA=="})
  void pollingInTextSendsAndReceives(String payload) {
    String sid = Client.sid(client.get("EIO=3&transport=polling&b64=1").body());
    HttpResponse<String> pushed = client.post(sid, payload);
    assertThat(pushed.statusCode()).isEqualTo(200);
    assertThat(pushed.body()).isEqualTo("ok");
    HttpResponse<String> polled = client.poll(sid);
    assertThat(polled.statusCode()).isEqualTo(200);
    assertThat(polled.body()).isEqualTo(payload);
  }

  @Test
  void pollingInBytesReceivesThemFramed() {
    String sid = client.open();
    assertThat(client.post(sid, "6:4hello10:b4AQIDBA==").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> polled = client.getBytes(client.polling(sid));
    assertThat(polled.statusCode()).isEqualTo(200);
    assertThat(polled.headers().firstValue("content-type")).hasValue("application/octet-stream");
    assertThat(HexFormat.of().formatHex(polled.body()))
        .isEqualTo("0006ff3468656c6c6f" + "0105ff0401020304");
  }

  @Test
  void pollingInBytesSendsThemFramed() {
    String sid = client.open();
    HttpResponse<String> pushed =
        client.send(
            "POST", client.polling(sid), "\0\6x4hello", "content-type", "application/octet-stream");
    assertThat(pushed.statusCode()).isEqualTo(400); // the delimiter is wrong
    String next = client.open();
    pushed = client.sendBytes(client.polling(next), HexFormat.of().parseHex("0006ff3468656c6c6f"));
    assertThat(pushed.body()).isEqualTo("ok");
    assertThat(client.poll(next).body()).isEqualTo("6:4hello");
  }

  @Test
  void pollingEndsWithAWrongPacket() {
    String sid = client.open();
    assertThat(client.post(sid, "abc").statusCode()).isEqualTo(400);
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void pollingEndsWithASecondPoll() {
    String sid = client.open();
    var first = client.pollLater(sid);
    var second = client.getLater(client.polling(sid) + "&t=burst");
    assertThat(List.of(first.join().statusCode(), second.join().statusCode()))
        .containsExactlyInAnyOrder(200, 400);
    assertThat(List.of(first.join().body(), second.join().body())).contains("1:1");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void webSocketSendsAndReceivesText() throws Exception {
    Client.Frames socket = client.connect("EIO=3&transport=websocket");
    socket.next();
    assertThat(socket.send("4hello").next()).isEqualTo("4hello");
  }

  @Test
  void webSocketSendsAndReceivesBytesBehindTheirType() throws Exception {
    Client.Frames socket = client.connect("EIO=3&transport=websocket");
    socket.next();
    assertThat(socket.send((byte) 4, (byte) 1, (byte) 2, (byte) 3, (byte) 4).next())
        .isEqualTo("bytes 0401020304");
  }

  @Test
  void webSocketEndsWithAWrongPacket() throws Exception {
    Client.Frames socket = client.connect("EIO=3&transport=websocket");
    socket.next();
    assertThat(socket.send("abc").next()).startsWith("close");
  }

  // Heartbeat: here the client pings.

  @Test
  void pollingPings() {
    String sid = client.open();
    for (int i = 0; i < 3; i++) {
      assertThat(client.post(sid, "1:2").statusCode()).isEqualTo(200);
      HttpResponse<String> poll = client.poll(sid);
      assertThat(poll.statusCode()).isEqualTo(200);
      assertThat(poll.body()).isEqualTo("1:3");
    }
  }

  @Test
  void pollingEndsWithoutAPing() throws Exception {
    String sid = client.open();
    assertThat(server.reason()).isEqualTo("ping timeout");
    assertThat(client.post(sid, "1:2").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({"2,3", "2probe,3probe"})
  void webSocketPings(String ping, String pong) throws Exception {
    Client.Frames socket = client.connect("EIO=3&transport=websocket");
    socket.next();
    for (int i = 0; i < 3; i++) {
      assertThat(socket.send(ping).next()).isEqualTo(pong);
    }
  }

  @Test
  void webSocketEndsWithoutAPing() throws Exception {
    Client.Frames socket = client.connect("EIO=3&transport=websocket");
    socket.next();
    assertThat(socket.next()).startsWith("close");
    assertThat(server.reason()).isEqualTo("ping timeout");
  }

  // Close.

  @Test
  void pollingIsClosedByTheClient() throws Exception {
    String sid = client.open();
    var poll = client.pollLater(sid);
    server.awaitRequests(2);
    assertThat(client.post(sid, "1:1").statusCode()).isEqualTo(200);
    assertThat(poll.join().statusCode()).isEqualTo(200);
    assertThat(poll.join().body()).isEqualTo("1:6");
    assertThat(client.poll(sid).statusCode()).isEqualTo(400);
  }

  @Test
  void webSocketIsClosedByTheClient() throws Exception {
    Client.Frames socket = client.connect("EIO=3&transport=websocket");
    socket.next();
    assertThat(socket.send("1").next()).startsWith("close");
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
    assertThat(poll.body()).isEqualTo("1:6");
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
