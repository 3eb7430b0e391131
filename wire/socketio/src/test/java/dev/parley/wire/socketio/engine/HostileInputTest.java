package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What wrong and malicious clients do: each ends alone, and costs others nothing. */
final class HostileInputTest {
  private final TestConfig config = new TestConfig();
  private EchoServer server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = new EchoServer(config.build());
    client = new Client(server, 4);
  }

  private void restart() throws Exception {
    stop();
    start();
  }

  /** A session that was there before goes on. */
  private void assertOthersGoOn(String sid) {
    assertThat(client.post(sid, "4still here").statusCode()).isEqualTo(200);
    assertThat(client.poll(sid).body()).isEqualTo("4still here");
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"guess", "AAAAAAAAAAAAAAAAAAAA", "..%2f", "__proto__", "%F0%9F%98%80"})
  void guessedIdsAreUnknown(String sid) {
    String other = client.open();
    HttpResponse<String> answer = client.poll(sid);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"code\":1,\"message\":\"Session ID unknown\"}");
    assertThat(client.post(sid, "4a").statusCode()).isEqualTo(400);
    assertThat(client.connect(client.webSocket(sid)).status).isEqualTo(400);
    assertOthersGoOn(other);
  }

  @Test
  void idsAreNotRepeatedAndNotGuessable() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      ids.add(client.open());
    }
    assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[A-Za-z0-9_-]{20}"));
    assertThat(ids.stream().map(id -> id.substring(0, 4))).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({"PUT, 3", "DELETE, 3", "HEAD, none", "PATCH, 3"})
  void otherMethodsAreRefused(String method, String code) {
    String sid = client.open();
    HttpResponse<String> answer = client.send(method, client.polling(sid), "");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(code.equals("none") ? "" : "\"code\":" + code);
    assertOthersGoOn(sid);
  }

  @Test
  void aSessionIsNotReachedByAnotherTransport() throws Exception {
    String sid = client.open();
    assertThat(client.get(client.webSocket(sid)).body()).contains("\"code\":3");
    assertThat(client.get(client.handshake("websocket")).body()).contains("\"code\":3");
    assertThat(client.connect(client.polling(sid)).status).isEqualTo(400);
    assertThat(client.connect(client.handshake("polling")).status).isEqualTo(400);
    Client.Frames socket = client.connect(client.handshake("websocket"));
    String other = Client.sid(socket.next());
    assertThat(client.poll(other).body()).contains("\"code\":3");
    assertThat(client.post(other, "4a").body()).contains("\"code\":3");
    assertThat(client.connect(client.webSocket(other)).next()).isEqualTo("close 1008");
    assertThat(socket.send("4a").next()).isEqualTo("4a");
    assertOthersGoOn(sid);
  }

  @Test
  void jsonpIsRefused() {
    HttpResponse<String> answer = client.get(client.handshake("polling") + "&j=0");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"code\":3");
  }

  @Test
  void aHugeBodyEndsItsSession() throws Exception {
    config.maxPayload = 1000;
    restart();
    String other = client.open();
    String sid = client.open();
    assertThat(client.post(sid, "4" + "x".repeat(999)).statusCode()).isEqualTo(200);
    assertThat(client.post(sid, "4" + "x".repeat(1000)).statusCode()).isEqualTo(413);
    assertThat(server.reason()).isEqualTo("message too big");
    assertOthersGoOn(other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "\u001e", "4a\u001e", "7", "0{}", "4a\u001ex", "b=", "2", "4a\u001eb!"})
  void aWrongBodyEndsItsSessionAndNothingOfItTakesEffect(String body) throws Exception {
    String other = client.open();
    String sid = client.open();
    var poll = client.pollLater(sid);
    server.awaitRequests(3);
    assertThat(client.post(sid, body).statusCode()).isEqualTo(400);
    assertThat(poll.get().body()).isEqualTo("1");
    assertThat(server.reason()).isIn("parse error", "transport error");
    assertThat(client.poll(sid).body()).contains("\"code\":1");
    assertOthersGoOn(other);
  }

  @Test
  void aBodyOfNoiseEndsItsSession() {
    long seed = System.nanoTime();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed " + seed);
    Random random = new Random(seed);
    String other = client.open();
    for (int i = 0; i < 40; i++) {
      Client sender = client;
      String sid = sender.open();
      byte[] noise = new byte[1 + random.nextInt(300)];
      random.nextBytes(noise);
      noise[0] = (byte) (0x80 | noise[0]); // else it might be right
      assertThat(sender.sendBytes(sender.polling(sid), noise).statusCode()).isEqualTo(400);
      assertThat(sender.poll(sid).statusCode()).isEqualTo(400);
    }
    assertOthersGoOn(other);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "2probex", "3probe", "4hello", "1", "0", "5x", "\u00e9"})
  void aProbeThatSendsSomethingElseIsClosedAndPollingGoesOn(String packet) throws Exception {
    String sid = client.open();
    Client.Frames probe = client.connect(client.webSocket(sid));
    assertThat(probe.send(packet).next()).isEqualTo("close 1008");
    assertOthersGoOn(sid);
    Client.Frames binary = awaitProbe(sid);
    assertThat(binary.send((byte) 5).next()).isEqualTo("close 1008");
    assertOthersGoOn(sid);
    Client.Frames right = awaitProbe(sid);
    assertThat(right.send("2probe").next()).isEqualTo("3probe");
    assertThat(right.send("5").send("4a").next()).isEqualTo("4a");
  }

  /** The one before is given up on the session's own loop, soon after its close. */
  private Client.Frames awaitProbe(String sid) throws Exception {
    Session session = server.engine.session(sid);
    assertThat(session).isNotNull();
    CompletableFuture<Void> through = new CompletableFuture<>();
    if (session != null) {
      session.execute(() -> through.complete(null));
    }
    through.get();
    return client.connect(client.webSocket(sid));
  }

  @Test
  void aSecondProbeBesideAnotherIsClosed() throws Exception {
    String sid = client.open();
    Client.Frames probe = client.connect(client.webSocket(sid));
    assertThat(client.connect(client.webSocket(sid)).next()).isEqualTo("close 1008");
    assertThat(probe.send("2probe").next()).isEqualTo("3probe");
    assertThat(probe.send("5").send("4a").next()).isEqualTo("4a");
  }

  @Test
  void aProbeThatTakesTooLongIsClosedAndPollingGoesOn() throws Exception {
    config.upgradeTimeout = Duration.ofMillis(100);
    restart();
    String sid = client.open();
    Client.Frames probe = client.connect(client.webSocket(sid));
    assertThat(probe.send("2probe").next()).isEqualTo("3probe");
    assertThat(client.poll(sid).body()).isEqualTo("6");
    assertThat(probe.next()).isEqualTo("close 1008");
    assertOthersGoOn(sid);
    var poll = client.pollLater(sid); // which waits again
    assertThat(client.post(sid, "4a").statusCode()).isEqualTo(200);
    assertThat(poll.get().body()).isEqualTo("4a");
  }

  @Test
  void aProbeEndsWithItsSession() throws Exception {
    String sid = client.open();
    Client.Frames probe = client.connect(client.webSocket(sid));
    assertThat(probe.send("2probe").next()).isEqualTo("3probe");
    assertThat(client.post(sid, "1").statusCode()).isEqualTo(200);
    assertThat(probe.next()).isEqualTo("close 1008");
  }

  @Test
  void upgradesMayBeSwitchedOff() throws Exception {
    config.allowUpgrades = false;
    restart();
    String open = client.get(client.handshake("polling")).body();
    assertThat(Client.data(open).path("upgrades")).isEmpty();
    String sid = Client.sid(open);
    assertThat(client.connect(client.webSocket(sid)).next()).isEqualTo("close 1008");
    assertOthersGoOn(sid);
  }

  @Test
  void handshakesThatNeverPollGoWithTheHeartbeat() throws Exception {
    config.pingInterval = Duration.ofMillis(200);
    config.pingTimeout = Duration.ofMillis(200);
    restart();
    List<CompletableFuture<HttpResponse<String>>> opens = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      opens.add(client.getLater(client.handshake("polling")));
      if (opens.size() % 20 == 0) {
        opens.forEach(CompletableFuture::join);
      }
    }
    for (int i = 0; i < opens.size(); i++) {
      assertThat(server.reason()).isEqualTo("ping timeout");
    }
    assertThat(server.engine.sessions()).isZero();
    assertThat(server.engine.stats().opened()).isEqualTo(1000);
    assertThat(client.poll(Client.sid(opens.getFirst().join().body())).statusCode()).isEqualTo(400);
  }
}
