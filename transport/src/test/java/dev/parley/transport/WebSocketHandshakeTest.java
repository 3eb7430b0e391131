package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketHandshakeTest {
  private WebSocketServer server;

  @BeforeAll
  void start() throws Exception {
    server = new WebSocketServer(WebSocketOptions.DEFAULTS.withDeflate(0));
  }

  @AfterAll
  void stop() {
    server.close();
    assertThat(Leaks.found()).isEmpty();
  }

  private RawWebSocket connect(String path, String... headers) throws Exception {
    return new RawWebSocket(server.http.address(), path, headers);
  }

  @Test
  void aGoodHandshakeIsAnsweredWithItsProof() throws Exception {
    try (RawWebSocket client = connect("/")) {
      assertThat(client.handshake.status()).isEqualTo(101);
      assertThat(client.handshake.headers())
          .containsEntry("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
          .containsEntry("upgrade", "websocket")
          .containsEntry("connection", "upgrade")
          .containsEntry("x-extra", "yes")
          .doesNotContainKeys("content-length", "transfer-encoding", "sec-websocket-extensions");
      assertThat(client.text("hello").readText()).isEqualTo("hello");
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "another method | POST / HTTP/1.1 | websocket | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400",
        "HTTP/1.0 | GET / HTTP/1.0 | websocket | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400",
        "no upgrade | GET / HTTP/1.1 | none | Upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 426",
        "no connection | GET / HTTP/1.1 | websocket | keep-alive | 13 | dGhlIHNhbXBsZSBub25jZQ== | 400",
        "version 8 | GET / HTTP/1.1 | websocket | Upgrade | 8 | dGhlIHNhbXBsZSBub25jZQ== | 426",
        "two versions | GET / HTTP/1.1 | websocket | Upgrade | 13, 8 | dGhlIHNhbXBsZSBub25jZQ== | 426",
        "no key | GET / HTTP/1.1 | websocket | Upgrade | 13 | '' | 400",
        "short key | GET / HTTP/1.1 | websocket | Upgrade | 13 | dGhlIHNhbXBsZQ== | 400",
        "no base64 | GET / HTTP/1.1 | websocket | Upgrade | 13 | dGhlIHNhbXBsZ!Bub25jZQ== | 400",
        "capitals | GET / HTTP/1.1 | WebSocket | UPGRADE | 13 | dGhlIHNhbXBsZSBub25jZQ== | 101",
        "lists | GET / HTTP/1.1 | foo, websocket | a, upgrade | 13 | dGhlIHNhbXBsZSBub25jZQ== | 101",
      })
  void handshakesAreAcceptedOrRefusedWithAReason(
      String name,
      String start,
      String upgrade,
      String connection,
      String version,
      String key,
      int status)
      throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      raw.send(
          start
              + "\r\nHost: a\r\nUpgrade: "
              + upgrade
              + "\r\nConnection: "
              + connection
              + "\r\nSec-WebSocket-Version: "
              + version
              + "\r\nSec-WebSocket-Key: "
              + key
              + "\r\n\r\n");
      Raw.Answer answer = status == 101 ? raw.readHead() : raw.read();
      assertThat(answer.status()).as(name).isEqualTo(status);
      if (status != 101) {
        assertThat(answer.body()).contains("(expected: ");
      }
      if (status == 426) {
        assertThat(answer.headers())
            .containsEntry("sec-websocket-version", "13")
            .containsEntry("upgrade", "websocket");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "permessage-deflate | yes",
        "permessage-deflate; client_max_window_bits | yes",
        "permessage-deflate; server_max_window_bits=15 | bits",
        "permessage-deflate; server_max_window_bits=\"15\" | bits",
        "permessage-deflate; server_max_window_bits=10 | no",
        "permessage-deflate; server_max_window_bits=10, permessage-deflate | yes",
        "permessage-deflate; client_max_window_bits=7 | no",
        "permessage-deflate; client_max_window_bits=015 | no",
        "permessage-deflate; server_no_context_takeover=1 | no",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover | no",
        "permessage-deflate; unknown | no",
        "x-webkit-deflate-frame | no",
        ", permessage-deflate,, | yes",
        "'' | no",
      })
  void compressionIsAgreedOnOnlyAsOffered(String offer, String answer) throws Exception {
    try (RawWebSocket client = connect("/", "Sec-WebSocket-Extensions: " + offer)) {
      String fresh = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
      assertThat(client.handshake.headers().get("sec-websocket-extensions"))
          .isEqualTo(
              switch (answer) {
                case "yes" -> fresh;
                case "bits" -> fresh + "; server_max_window_bits=15";
                default -> null;
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {";", ",,;=;,", "a b", "a; b=", "a; b=\"c", "permessage-deflate; a=b=c"})
  void extensionsThatAreNoneAreRefused(String offer) throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      raw.send(RawWebSocket.request("/", "Sec-WebSocket-Extensions: " + offer));
      Raw.Answer answer = raw.read();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("Sec-WebSocket-Extensions: ", "(expected: ");
    }
  }

  @Test
  void aHandlerMayAnswerAnUpgradeAsAnyOtherRequest() throws Exception {
    try (RawWebSocket client = connect("/plain")) {
      assertThat(client.handshake.status()).isEqualTo(200);
      client.raw.readBytes("upgrade true".length());
      assertThat(client.raw.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n").read().body())
          .isEqualTo("upgrade false");
    }
  }

  @Test
  void framesSentWithTheHandshakeAreNotLost() throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      byte[] request = RawWebSocket.request("/").getBytes(StandardCharsets.US_ASCII);
      raw.send(RawWebSocket.join(request, RawWebSocket.masked(0x81, (byte) 'a')));
      raw.readHead();
      assertThat(raw.readBytes(3)).containsExactly(0x81, 1, 'a');
    }
  }

  @Test
  void anUpgradeMayBeAcceptedLater() throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      raw.send(RawWebSocket.request("/hold"));
      Response response = server.held.poll(10, TimeUnit.SECONDS);
      response
          .loop()
          .execute(() -> {
            WebSocket socket = response.acceptWebSocket(server.options, new Silence());
            Objects.requireNonNull(socket).sendText("first");
            assertThat(response.isOpen()).isFalse();
          });
      raw.readHead();
      assertThat(raw.readBytes(7)).containsExactly(0x81, 5, 'f', 'i', 'r', 's', 't');
    }
  }

  @Test
  void framesLongBeforeTheAnswerAreAProtocolError() throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      byte[] request = RawWebSocket.request("/hold").getBytes(StandardCharsets.US_ASCII);
      raw.send(
          RawWebSocket.join(request, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
      Response response = server.held.poll(10, TimeUnit.SECONDS);
      response.loop().execute(() -> response.acceptWebSocket(server.options, new Silence()));
      raw.readHead();
      assertThat(raw.readBytes(4)[0]).isEqualTo((byte) 0x88);
      raw.readAll();
    }
  }

  @Test
  void aClientThatLeavesRightAfterTheHandshakeIsHeardOfOnce() throws Exception {
    server.heard.clear();
    try (Raw raw = new Raw(server.http.address())) {
      raw.send(RawWebSocket.request("/"));
    }
    assertThat(server.hears("close 1006 ")).isTrue();
  }
}
