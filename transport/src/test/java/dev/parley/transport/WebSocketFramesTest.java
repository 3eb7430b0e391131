package dev.parley.transport;

import static dev.parley.transport.RawWebSocket.BINARY;
import static dev.parley.transport.RawWebSocket.CLOSE;
import static dev.parley.transport.RawWebSocket.CONTINUATION;
import static dev.parley.transport.RawWebSocket.FIN;
import static dev.parley.transport.RawWebSocket.PING;
import static dev.parley.transport.RawWebSocket.PONG;
import static dev.parley.transport.RawWebSocket.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketFramesTest {
  private WebSocketServer server;

  @BeforeAll
  void start() throws Exception {
    server = new WebSocketServer(WebSocketOptions.DEFAULTS);
  }

  @AfterAll
  void stop() {
    server.close();
    assertThat(server.http.bodyBytesInFlight()).isZero();
    assertThat(Leaks.found()).isEmpty();
  }

  private RawWebSocket connect() throws Exception {
    return new RawWebSocket(server.http.address(), "/");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 1024, 1025, 65_535, 65_536, 1_000_000})
  void messagesOfEveryLengthComeBackUnchanged(int size) throws Exception {
    byte[] payload = new byte[size];
    new Random(size).nextBytes(payload);
    try (RawWebSocket client = connect()) {
      RawWebSocket.Frame frame = client.send(FIN | BINARY, payload).read();
      assertThat(frame.first()).isEqualTo(FIN | BINARY);
      assertThat(frame.payload()).isEqualTo(payload);
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "a 16-bit length that fits into 7, 81FE0005 00000000 6161616161, 1002",
    "a 64-bit length that fits into 16, 81FF0000000000000005 00000000 6161616161, 1002",
    "a 64-bit length that fits into 16 just so, 82FF000000000000FFFF 00000000, 1002",
    "a 64-bit length with its highest bit set, 82FF8000000000000000 00000000, 1002",
    "an unmasked frame, 8101 61, 1002",
    "an unmasked empty frame, 8100, 1002",
    "reserved bit 1, C181 00000000 61, 1002",
    "reserved bit 2, A181 00000000 61, 1002",
    "reserved bit 3, 9181 00000000 61, 1002",
    "reserved bit 1 of a ping, C980 00000000, 1002",
    "reserved data opcode 3, 8380 00000000, 1002",
    "reserved data opcode 7, 8780 00000000, 1002",
    "reserved control opcode 11, 8B80 00000000, 1002",
    "reserved control opcode 15, 8F80 00000000, 1002",
    "a fragmented ping, 0980 00000000, 1002",
    "a fragmented close, 0880 00000000, 1002",
    "a ping of 126 bytes, 89FE007E 00000000, 1002",
    "a close of 126 bytes, 88FE007E 00000000, 1002",
    "a continuation of nothing, 8080 00000000, 1002",
    "a message within a message, 0181 00000000 61 8181 00000000 61, 1002",
    "a message larger than allowed, 82FF00000000000F4241 00000000, 1009",
    "a message larger than any memory, 82FF7FFFFFFFFFFFFFFF 00000000, 1009",
    "text that is no UTF-8, 8181 00000000 FF, 1007",
    "text that is cut within a character, 8182 00000000 E282, 1007",
    "text with an overlong slash, 8182 00000000 C0AF, 1007",
    "text with a surrogate, 8183 00000000 EDA080, 1007",
    "text beyond Unicode, 8184 00000000 F4908080, 1007",
    "fragments that are no UTF-8 together, 0181 00000000 E2 8081 00000000 28, 1007",
  })
  void whatBreaksTheProtocolIsClosedWithItsCode(String name, String frames, int code)
      throws Exception {
    server.heard.clear();
    try (RawWebSocket client = connect()) {
      client.raw.send(HexFormat.of().parseHex(frames.replace(" ", "")));
      RawWebSocket.Frame close = client.read();
      assertThat(close.opcode()).as(name).isEqualTo(CLOSE);
      assertThat(close.closeCode()).isEqualTo(code);
      assertThat(close.payload().length).isBetween(3, 125);
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.hears("close " + code + " ")).isTrue();
    }
  }

  @Test
  void charactersMayBeCutBetweenFragments() throws Exception {
    byte[] text = "κόσμε 🦜".getBytes(StandardCharsets.UTF_8);
    try (RawWebSocket client = connect()) {
      client.send(TEXT, text[0]);
      for (int i = 1; i < text.length - 1; i++) {
        client.send(CONTINUATION, text[i]);
      }
      client.send(CONTINUATION).send(FIN, text[text.length - 1]);
      assertThat(client.readText()).isEqualTo("κόσμε 🦜");
    }
  }

  @Test
  void controlFramesMayComeBetweenFragments() throws Exception {
    try (RawWebSocket client = connect()) {
      client.send(BINARY, (byte) 1).send(FIN | PING, (byte) 7).send(FIN | PONG);
      RawWebSocket.Frame pong = client.read();
      assertThat(pong.first()).isEqualTo(FIN | PONG);
      assertThat(pong.payload()).containsExactly(7);
      assertThat(client.send(FIN | CONTINUATION, (byte) 2).read().payload()).containsExactly(1, 2);
    }
  }

  @Test
  void framesMayArriveByteByByte() throws Exception {
    try (RawWebSocket client = connect()) {
      for (byte b : RawWebSocket.masked(FIN | TEXT, "slow".getBytes(StandardCharsets.US_ASCII))) {
        client.raw.send(new byte[] {b});
      }
      assertThat(client.readText()).isEqualTo("slow");
    }
  }

  @Test
  void pingsOf125BytesAreAnswered() throws Exception {
    byte[] payload = new byte[125];
    payload[124] = 9;
    try (RawWebSocket client = connect()) {
      assertThat(client.send(FIN | PING, payload).read().payload()).isEqualTo(payload);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1000,1000", "1001,1001", "1002,1002", "1003,1003", "1007,1007", "1011,1011", "1014,1014",
    "3000,3000", "3999,3999", "4000,4000", "4999,4999", "0,1002", "999,1002", "1004,1002",
    "1005,1002", "1006,1002", "1015,1002", "1016,1002", "1100,1002", "2000,1002", "2999,1002",
    "5000,1002", "65535,1002",
  })
  void theClientsCloseIsEchoedWhenItsCodeIsValid(int sent, int answered) throws Exception {
    server.heard.clear();
    try (RawWebSocket client = connect()) {
      assertThat(client.close(sent, "bye").readCloseCode()).isEqualTo(answered);
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.hears(sent == answered ? "close " + sent + " bye" : "close 1002 "))
          .isTrue();
    }
  }

  @Test
  void aCloseWithoutACodeIsAnsweredWithout() throws Exception {
    server.heard.clear();
    try (RawWebSocket client = connect()) {
      assertThat(client.send(FIN | CLOSE).read().payload()).isEmpty();
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.hears("close 1005 ")).isTrue();
    }
  }

  @Test
  void aCloseOfOneByteIsRefused() throws Exception {
    try (RawWebSocket client = connect()) {
      assertThat(client.send(FIN | CLOSE, (byte) 3).readCloseCode()).isEqualTo(1002);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FF", "61FF", "E282", "61F09FA6"})
  void aCloseWhoseReasonIsNoUtf8IsRefused(String reason) throws Exception {
    byte[] payload = HexFormat.of().parseHex("03E8" + reason);
    try (RawWebSocket client = connect()) {
      assertThat(client.send(FIN | CLOSE, payload).readCloseCode()).isEqualTo(1007);
    }
  }

  @Test
  void nothingAfterTheCloseIsHeard() throws Exception {
    try (RawWebSocket client = connect()) {
      byte[] close = RawWebSocket.masked(FIN | CLOSE, RawWebSocket.closePayload(1000, ""));
      client.raw.send(RawWebSocket.join(close, RawWebSocket.masked(FIN | TEXT, (byte) 'a')));
      assertThat(client.read().opcode()).isEqualTo(CLOSE);
      assertThat(client.raw.atEnd()).isTrue();
    }
  }

  @Test
  void aClientThatOnlyStopsSendingIsGone() throws Exception {
    server.heard.clear();
    try (RawWebSocket client = connect()) {
      assertThat(client.text("last").readText()).isEqualTo("last");
      client.raw.finishSending();
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.hears("close 1006 ")).isTrue();
    }
  }

  @Test
  void randomBytesNeverHarmTheServer() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      try (RawWebSocket client = connect()) {
        byte[] noise = new byte[random.nextInt(1, 200)];
        random.nextBytes(noise);
        client.raw.send(noise);
      }
    }
    try (RawWebSocket client = connect()) {
      assertThat(client.text("still here").readText()).isEqualTo("still here");
    }
  }
}
