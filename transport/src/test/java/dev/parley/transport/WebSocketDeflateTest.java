package dev.parley.transport;

import static dev.parley.transport.RawWebSocket.BINARY;
import static dev.parley.transport.RawWebSocket.CONTINUATION;
import static dev.parley.transport.RawWebSocket.FIN;
import static dev.parley.transport.RawWebSocket.PING;
import static dev.parley.transport.RawWebSocket.RSV1;
import static dev.parley.transport.RawWebSocket.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WebSocketDeflateTest {
  private static final int LIMIT = 100_000;
  private WebSocketServer server;

  @BeforeAll
  void start() throws Exception {
    server =
        new WebSocketServer(WebSocketOptions.DEFAULTS.withDeflate(20).withMaxMessageBytes(LIMIT));
  }

  @AfterAll
  void stop() {
    server.close();
    assertThat(Leaks.found()).isEmpty();
  }

  private RawWebSocket connect() throws Exception {
    return new RawWebSocket(
        server.http.address(), "/", "Sec-WebSocket-Extensions: permessage-deflate");
  }

  private static byte[] deflate(byte[] message) {
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    deflater.setInput(message);
    byte[] out = new byte[message.length + 1000];
    int size = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
    deflater.end();
    return Arrays.copyOf(out, size - 4);
  }

  private static byte[] inflate(byte[] message) throws Exception {
    Inflater inflater = new Inflater(true);
    inflater.setInput(RawWebSocket.join(message, new byte[] {0, 0, -1, -1}));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] piece = new byte[1000];
    for (int read = inflater.inflate(piece); read > 0; read = inflater.inflate(piece)) {
      out.write(piece, 0, read);
    }
    inflater.end();
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 255, 256, 257, 4096, 50_000, LIMIT})
  void messagesAreCompressedBothWays(int size) throws Exception {
    byte[] noise = new byte[size];
    new Random(size).nextBytes(noise);
    byte[] letters = "abcdefgh".repeat(size).substring(0, size).getBytes(StandardCharsets.US_ASCII);
    try (RawWebSocket client = connect()) {
      for (byte[] message : new byte[][] {letters, noise, letters}) {
        byte[] deflated = deflate(message);
        if (deflated.length > LIMIT) {
          continue; // what does not shrink is bound by its compressed size too
        }
        RawWebSocket.Frame frame = client.send(FIN | RSV1 | BINARY, deflated).read();
        assertThat(frame.first()).isEqualTo(FIN | RSV1 | BINARY);
        assertThat(inflate(frame.payload())).isEqualTo(message);
      }
    }
  }

  @Test
  void shortMessagesAreSentAsTheyAre() throws Exception {
    try (RawWebSocket client = connect()) {
      client.send(FIN | RSV1 | TEXT, deflate("short".getBytes(StandardCharsets.US_ASCII)));
      assertThat(client.readText()).isEqualTo("short");
      assertThat(client.text("plain").readText()).isEqualTo("plain");
      RawWebSocket.Frame empty = client.send(FIN | RSV1 | TEXT, (byte) 0).read();
      assertThat(empty.first()).isEqualTo(FIN | TEXT);
      assertThat(empty.payload()).isEmpty();
      assertThat(client.send(FIN | RSV1 | TEXT).read().payload()).isEmpty();
    }
  }

  @ParameterizedTest // RFC 7692 §7.2.3
  @ValueSource(
      strings = {
        "f248cdc9c90700",
        "000500faff48656c6c6f00",
        "f348cdc9c9070000",
        "f248050000 00ffffcac9c90700",
        "010200fdff4865 010300fcff6c6c6f 00" // final blocks that are not the last
      })
  void theExamplesOfTheStandardAreUnderstood(String message) throws Exception {
    try (RawWebSocket client = connect()) {
      client.send(FIN | RSV1 | TEXT, HexFormat.of().parseHex(message.replace(" ", "")));
      assertThat(client.readText()).isEqualTo("Hello");
    }
  }

  @Test
  void aCompressedMessageMayComeInFragments() throws Exception {
    byte[] message = deflate("in fragments".getBytes(StandardCharsets.US_ASCII));
    try (RawWebSocket client = connect()) {
      client.send(RSV1 | TEXT, message[0]).send(FIN | PING);
      client.send(FIN | CONTINUATION, Arrays.copyOfRange(message, 1, message.length));
      client.read();
      assertThat(client.readText()).isEqualTo("in fragments");
    }
  }

  @Test
  void aCompressionBombIsClosedBeforeItUnfolds() throws Exception {
    byte[] bomb = deflate(new byte[50_000_000]);
    assertThat(bomb.length).isLessThan(LIMIT);
    try (RawWebSocket client = connect()) {
      assertThat(client.send(FIN | RSV1 | BINARY, bomb).readCloseCode()).isEqualTo(1009);
    }
    try (RawWebSocket client = connect()) {
      byte[] large = deflate(new byte[LIMIT + 1]);
      assertThat(client.send(FIN | RSV1 | BINARY, large).readCloseCode()).isEqualTo(1009);
    }
  }

  @Test
  void whatCannotBeInflatedIsRefused() throws Exception {
    try (RawWebSocket client = connect()) {
      byte[] noise = {-1, -1, -1, -1};
      assertThat(client.send(FIN | RSV1 | BINARY, noise).readCloseCode()).isEqualTo(1007);
    }
    try (RawWebSocket client = connect()) {
      byte[] text = deflate(new byte[] {-1});
      assertThat(client.send(FIN | RSV1 | TEXT, text).readCloseCode()).isEqualTo(1007);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"006400 9bff 48", "f348cdc9c90700 006400 9bff 48", "f348cdc9c907"})
  void compressedDataThatBreaksOffIsRefused(String message) throws Exception {
    try (RawWebSocket client = connect()) {
      client.send(FIN | RSV1 | BINARY, HexFormat.of().parseHex(message.replace(" ", "")));
      assertThat(client.readCloseCode()).isEqualTo(1007);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FIN | RSV1 | PING, FIN | 0x20 | TEXT, FIN | 0x50 | TEXT})
  void otherReservedBitsStayForbidden(int first) throws Exception {
    try (RawWebSocket client = connect()) {
      assertThat(client.send(first).readCloseCode()).isEqualTo(1002);
    }
  }

  @Test
  void aContinuationMayNotSayItIsCompressed() throws Exception {
    try (RawWebSocket client = connect()) {
      client.send(TEXT, (byte) 'a').send(FIN | RSV1 | CONTINUATION, (byte) 'b');
      assertThat(client.readCloseCode()).isEqualTo(1002);
    }
  }

  @Test
  void aSharedMessageIsCompressedForThoseWhoAgreedOnIt() throws Exception {
    SharedMessage message = SharedMessage.text(WebSocketServer.bytes("a".repeat(50)));
    server.sockets.clear();
    try (RawWebSocket client = connect();
        RawWebSocket second = connect();
        RawWebSocket plain = new RawWebSocket(server.http.address(), "/")) {
      for (int i = 0; i < 3; i++) {
        WebSocket socket = server.socket();
        socket.loop().submit(() -> socket.send(message)).sync();
      }
      message.release();
      RawWebSocket.Frame frame = client.read();
      assertThat(frame.first()).isEqualTo(FIN | RSV1 | TEXT);
      assertThat(inflate(frame.payload())).asString().isEqualTo("a".repeat(50));
      assertThat(second.read().payload()).isEqualTo(frame.payload());
      assertThat(plain.readText()).isEqualTo("a".repeat(50));
    }
  }

  @Test
  void whatIsShortOrNotToBeCompressedGoesAsItIs() throws Exception {
    byte[] letters = "c".repeat(50).getBytes(StandardCharsets.US_ASCII);
    server.sockets.clear();
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      socket
          .loop()
          .execute(() -> {
            SharedMessage brief = SharedMessage.text(WebSocketServer.bytes("a"));
            SharedMessage plain = SharedMessage.text(WebSocketServer.bytes("b".repeat(50)), false);
            socket.send(brief);
            socket.send(plain);
            brief.release();
            plain.release();
            socket.sendText(letters, 0, 30, false);
            socket.sendText(letters, 0, 10, true);
            socket.sendBinary(letters, 1, 40, true);
            socket.sendBinary(letters, 49, 1, true);
          });
      assertThat(client.readText()).isEqualTo("a");
      assertThat(client.readText()).isEqualTo("b".repeat(50));
      assertThat(client.readText()).isEqualTo("c".repeat(30));
      assertThat(client.readText()).isEqualTo("c".repeat(10));
      RawWebSocket.Frame own = client.read();
      assertThat(own.first()).isEqualTo(FIN | RSV1 | BINARY);
      assertThat(inflate(own.payload())).asString().isEqualTo("c".repeat(40));
      assertThat(client.read().payload()).asString().isEqualTo("c");
    }
  }
}
