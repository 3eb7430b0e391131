package dev.parley.wire.socketio.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.wire.socketio.codec.Encoded;
import dev.parley.wire.socketio.codec.Slice;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WebSocketSessionTest {
  private final TestConfig config = new TestConfig();
  private EchoServer server;
  private Client client;

  @BeforeEach
  void start() throws Exception {
    server = new EchoServer(config.build());
    client = new Client(server, 4);
  }

  private void restart(int revision, @Nullable SessionOpener opener) throws Exception {
    stop();
    server = new EchoServer(config.build(), opener, 2);
    client = new Client(server, revision);
    client = new Client(server, revision);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private Client.Frames connect() throws Exception {
    Client.Frames socket = client.connect(client.handshake("websocket"));
    socket.next();
    return socket;
  }

  @ParameterizedTest
  @CsvSource({"4, 0102", "3, 040102"})
  void aSharedMessageReachesManyWithItsAttachments(int revision, String bytes) throws Exception {
    restart(revision, null);
    Outgoing message =
        Outgoing.shared(
            new Encoded(Slice.utf8("451-[\"a\"]"), List.of(Slice.of(new byte[] {1, 2}))), true);
    assertThat(message.bytes()).isEqualTo(11);
    Client.Frames[] sockets = {connect(), connect(), connect()};
    for (int i = 0; i < sockets.length; i++) {
      Session session = server.session();
      session.loop().submit(() -> session.send(message)).get();
    }
    message.release();
    for (Client.Frames socket : sockets) {
      assertThat(socket.next()).isEqualTo("451-[\"a\"]");
      assertThat(socket.next()).isEqualTo("bytes " + bytes);
    }
  }

  @Test
  void whatTheOpenerSendsFollowsTheHandshake() throws Exception {
    restart(
        4,
        session -> {
          session.send(Outgoing.text(Slice.utf8("welcome")));
          session.send(Outgoing.binary(Slice.of(new byte[] {7})));
          return server.new Echo(session);
        });
    Client.Frames socket = client.connect(client.handshake("websocket"));
    assertThat(socket.next()).startsWith("0{");
    assertThat(socket.next()).isEqualTo("4welcome");
    assertThat(socket.next()).isEqualTo("bytes 07");
    String sid = client.open();
    assertThat(client.poll(sid).body()).isEqualTo("4welcome\u001ebBw==");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "0", "0{}", "7", "9x", "x", "\u00e9", "1x", "5x", "6x", "bé", "b=", "/"})
  void textThatIsNoPacketClosesTheSession(String packet) throws Exception {
    Client.Frames socket = connect();
    assertThat(socket.send(packet).next()).isEqualTo("close 1002");
    assertThat(server.reason()).isEqualTo("parse error");
    assertThat(server.engine.sessions()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"4, 2", "4, 2probe", "3, 3"})
  void aHeartbeatTheWrongWayRoundClosesTheSession(int revision, String packet) throws Exception {
    restart(revision, null);
    assertThat(connect().send(packet).next()).isEqualTo("close 1002");
    assertThat(server.reason()).isEqualTo("transport error");
  }

  @Test
  void packetsWithoutMeaningHereAreIgnored() throws Exception {
    Client.Frames socket = connect();
    assertThat(socket.send("5").send("6").send("3").send("3x").send("bAQ==").next())
        .isEqualTo("bytes 01");
  }

  @Test
  void bytesOfRevision3BeginWithTheirType() throws Exception {
    restart(3, null);
    assertThat(connect().send((byte) 5, (byte) 1).next()).isEqualTo("close 1002");
    assertThat(server.reason()).isEqualTo("parse error");
  }

  @Test
  void aPingOfRevision3IsShort() throws Exception {
    restart(3, null);
    assertThat(connect().send("2" + "x".repeat(125)).next()).isEqualTo("3" + "x".repeat(125));
    assertThat(connect().send("2" + "x".repeat(126)).next()).isEqualTo("close 1002");
  }

  @Test
  void aMessageBeyondTheLimitClosesTheSession() throws Exception {
    config.maxPayload = 1000;
    restart(4, null);
    Client.Frames socket = connect();
    assertThat(socket.send("4" + "x".repeat(999)).next()).hasSize(1000);
    assertThat(socket.send("4" + "x".repeat(1000)).next()).isEqualTo("close 1009");
    assertThat(server.reason()).isEqualTo("message too big");
  }

  @Test
  void aClientThatGoesClosesTheSession() throws Exception {
    connect().abort();
    assertThat(server.reason()).isEqualTo("transport close");
  }

  @Test
  void aClientThatDoesNotReadIsNotWritableThenClosed() throws Exception {
    config.maxQueuedBytes = 8 << 20;
    restart(4, null);
    Client.Frames socket = connect();
    socket.stopReading();
    Session session = server.session();
    Outgoing large = Outgoing.text(Slice.utf8("x".repeat(1 << 20)));
    boolean wasUnwritable = false;
    while (server.closed.isEmpty()) {
      wasUnwritable |= session.loop().submit(() -> !session.isWritable()).get();
      session.loop().submit(() -> session.send(large)).get();
    }
    assertThat(wasUnwritable).isTrue();
    assertThat(server.reason()).isEqualTo("queue overflow");
  }

  @Test
  void aPausedSessionReadsOnLater() throws Exception {
    Client.Frames socket = connect();
    Session session = server.session();
    session.loop().submit(session::pauseReading).get();
    socket.send("4waits");
    session.loop().submit(() -> session.send(Outgoing.text(Slice.utf8("first")))).get();
    assertThat(socket.next()).isEqualTo("4first");
    session.loop().submit(session::resumeReading).get();
    assertThat(socket.next()).isEqualTo("4waits");
  }

  @Test
  void aCloseComesAfterWhatWasSent() throws Exception {
    Client.Frames socket = connect();
    Session session = server.session();
    assertThat(session.transport()).isEqualTo("websocket");
    session
        .loop()
        .submit(() -> {
          session.send(Outgoing.text(Slice.utf8("last")));
          session.close(CloseReason.FORCED_SERVER_CLOSE);
          assertThat(session.isOpen()).isFalse();
          session.send(Outgoing.text(Slice.utf8("too late")));
        })
        .get();
    assertThat(socket.next()).isEqualTo("4last");
    assertThat(socket.next()).isEqualTo("close 1000");
    assertThat(server.engine.stats().closed()).containsEntry(CloseReason.FORCED_SERVER_CLOSE, 1L);
  }

  @Test
  void aServerThatShutsDownSaysSoInItsClose() throws Exception {
    Client.Frames socket = connect();
    server.engine.drain().get();
    assertThat(socket.next()).isEqualTo("close 1001");
    assertThat(server.reason()).isEqualTo("server shutting down");
  }

  @Test
  void aClientDeafToCloseFramesHearsTheEndOfItsConnection() throws Exception {
    String request =
        """
        GET /engine.io/?EIO=4&transport=websocket HTTP/1.1
        Host: a
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Version: 13
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
        User-Agent: okhttp/3.12.12

        """
            .replace("\n", "\r\n");
    try (Socket okHttp =
        new Socket(InetAddress.getLoopbackAddress(), server.http.address().getPort())) {
      okHttp.setSoTimeout(10_000);
      okHttp.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      Session session = server.session();
      session.loop().submit(() -> session.send(Outgoing.text(Slice.utf8("last")))).get();
      server.engine.drain().get();
      String received =
          new String(okHttp.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(received).startsWith("HTTP/1.1 101 ").endsWith("4last");
      assertThat(server.reason()).isEqualTo("server shutting down");
    }
  }

  @Test
  void theSameNumberOfSessionsIsAllowedAgainOnceOneHasGone() throws Exception {
    config.maxSessions = 2;
    restart(4, null);
    Client.Frames first = connect();
    client.open();
    assertThat(client.connect(client.handshake("websocket")).status).isEqualTo(503);
    assertThat(client.get(client.handshake("polling")).statusCode()).isEqualTo(503);
    first.send("1");
    assertThat(server.reason()).isEqualTo("transport close");
    connect();
    EngineStats stats = server.engine.stats();
    assertThat(stats.open()).isEqualTo(2);
    assertThat(stats.opened()).isEqualTo(3);
    assertThat(stats.webSocket()).isEqualTo(1);
    assertThat(stats.refused()).isEqualTo(2);
  }
}
