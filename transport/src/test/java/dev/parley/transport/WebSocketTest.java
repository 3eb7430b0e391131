package dev.parley.transport;

import static dev.parley.transport.RawWebSocket.BINARY;
import static dev.parley.transport.RawWebSocket.CONTINUATION;
import static dev.parley.transport.RawWebSocket.FIN;
import static dev.parley.transport.RawWebSocket.PING;
import static dev.parley.transport.RawWebSocket.PONG;
import static dev.parley.transport.RawWebSocket.TEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WebSocketTest {
  private WebSocketServer server;

  WebSocketTest() throws Exception {
    server = new WebSocketServer(WebSocketOptions.DEFAULTS.withMaxMessageBytes(1000));
  }

  /** Replaces the server by one with other settings. */
  private void serve(WebSocketOptions options, TransportConfig config) throws Exception {
    server.close();
    server = new WebSocketServer(options, config);
  }

  private RawWebSocket connect() throws Exception {
    return new RawWebSocket(server.http.address(), "/");
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(server.http.bodyBytesInFlight()).isZero();
    assertThat(Leaks.found()).isEmpty();
  }

  private static void on(WebSocket socket, Runnable action) throws Exception {
    CompletableFuture.runAsync(action, socket.loop()).get(10, TimeUnit.SECONDS);
  }

  @Test
  void aSharedMessageReachesManyAndIsFreed() throws Exception {
    SharedMessage text = SharedMessage.text(WebSocketServer.bytes("to all"));
    SharedMessage binary = SharedMessage.binary(Unpooled.wrappedBuffer(new byte[300]));
    List<RawWebSocket> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      clients.add(connect());
      WebSocket socket = server.socket();
      on(
          socket,
          () -> {
            socket.send(text);
            socket.send(binary);
          });
    }
    for (RawWebSocket client : clients) {
      assertThat(client.readText()).isEqualTo("to all");
      RawWebSocket.Frame frame = client.read();
      assertThat(frame.first()).isEqualTo(FIN | BINARY);
      assertThat(frame.payload()).hasSize(300);
      client.close();
    }
    await().until(() -> text.references() == 1 && binary.references() == 1);
    text.release();
    binary.release();
  }

  @Test
  void textsAndBuffersOfEverySizeAreSent() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      String large = "é".repeat(70_000);
      on(
          socket,
          () -> {
            socket.sendText("");
            socket.sendText(large);
            socket.sendText(WebSocketServer.bytes(large));
            socket.sendBinary(WebSocketServer.bytes("bytes"));
            socket.flush();
          });
      assertThat(client.readText()).isEmpty();
      assertThat(client.readText()).isEqualTo(large);
      assertThat(client.readText()).isEqualTo(large);
      assertThat(client.read().text()).isEqualTo("bytes");
    }
  }

  @Test
  void pongsOfTheClientAreHeard() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(socket, () -> socket.ping(WebSocketServer.bytes("there?")));
      RawWebSocket.Frame ping = client.read();
      assertThat(ping.first()).isEqualTo(FIN | PING);
      client.send(FIN | PONG, ping.payload());
      assertThat(server.nextHeard()).isEqualTo("pong there?");
    }
  }

  @Test
  void theServersCloseWaitsForTheClients() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(
          socket,
          () -> {
            socket.close(4001, "enough");
            socket.close(1000, "again");
            socket.sendText("too late");
            assertThat(socket.isOpen()).isFalse();
          });
      client.text("dropped");
      RawWebSocket.Frame close = client.read();
      assertThat(close.closeCode()).isEqualTo(4001);
      assertThat(close.text()).endsWith("enough");
      assertThat(server.heard).isEmpty();
      client.close(4001, "fine");
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.nextHeard()).isEqualTo("close 4001 fine");
    }
  }

  @Test
  void aClientThatDoesNotAnswerACloseIsCutOff() throws Exception {
    serve(
        new WebSocketOptions(1000, false, 0, Duration.ofMillis(50), true),
        TestServer.timeouts(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(20)));
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(socket, () -> socket.close(1000, ""));
      assertThat(client.readCloseCode()).isEqualTo(1000);
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.nextHeard()).isEqualTo("close 1006 ");
    }
  }

  @Test
  void codesAndReasonsThatMayNotBeSentAreRefused() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(
          socket,
          () -> {
            assertThatThrownBy(() -> socket.close(1005, ""))
                .hasMessage("close code: 1005 (expected: 1000..1003, 1007..1014 or 3000..4999)");
            assertThatThrownBy(() -> socket.close(1000, "é".repeat(62)))
                .hasMessage("close reason: 124 bytes (expected: <= 123)");
            assertThatThrownBy(() -> socket.ping(Unpooled.wrappedBuffer(new byte[126])))
                .hasMessage("ping: 126 bytes (expected: <= 125)");
          });
      assertThat(client.text("still open").readText()).isEqualTo("still open");
    }
  }

  @Test
  void aFailingListenerClosesWith1011() throws Exception {
    try (RawWebSocket client = connect()) {
      assertThat(client.text("fail").readCloseCode()).isEqualTo(1011);
      assertThat(server.nextHeard()).startsWith("close 1011 ");
    }
  }

  @Test
  void fragmentsThatGrowTooLargeTogetherAreRefused() throws Exception {
    try (RawWebSocket client = connect()) {
      client.send(BINARY, new byte[600]).send(CONTINUATION, new byte[401]);
      assertThat(client.readCloseCode()).isEqualTo(1009);
    }
  }

  @Test
  void unfinishedMessagesCountAgainstTheBudgetOfBodies() throws Exception {
    TestConfig config = new TestConfig();
    config.maxBodyBytes = 1000;
    config.maxInFlightBodyBytes = 1000;
    serve(WebSocketOptions.DEFAULTS, config.build());
    try (RawWebSocket one = connect();
        RawWebSocket two = connect()) {
      one.send(BINARY, new byte[600]);
      await().until(() -> server.http.bodyBytesInFlight() >= 600);
      two.send(BINARY, new byte[600]);
      assertThat(two.readCloseCode()).isEqualTo(1013);
      assertThat(one.send(FIN, new byte[1]).read().payload()).hasSize(601);
      await().until(() -> server.http.bodyBytesInFlight() == 0);
    }
  }

  @Test
  void aMessageThatStaysUnfinishedIsClosed() throws Exception {
    serve(
        WebSocketOptions.DEFAULTS,
        TestServer.timeouts(
            Duration.ofSeconds(20),
            Duration.ofMillis(100),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20)));
    try (RawWebSocket frame = connect();
        RawWebSocket fragment = connect()) {
      byte[] whole = RawWebSocket.masked(FIN | TEXT, new byte[100]);
      frame.raw.send(Arrays.copyOf(whole, 50));
      fragment.send(TEXT, (byte) 'a');
      assertThat(frame.readCloseCode()).isEqualTo(1008);
      assertThat(fragment.readCloseCode()).isEqualTo(1008);
    }
  }

  @Test
  void anIdleSocketStaysOpenBeyondTheIdleTimeout() throws Exception {
    serve(
        WebSocketOptions.DEFAULTS,
        TestServer.timeouts(
            Duration.ofMillis(50),
            Duration.ofMillis(50),
            Duration.ofMillis(50),
            Duration.ofSeconds(20)));
    try (RawWebSocket client = connect();
        Raw idle = new Raw(server.http.address())) {
      client.text("a").readText();
      idle.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n").read();
      assertThat(idle.atEnd()).isTrue(); // so its time has passed
      assertThat(client.text("b").readText()).isEqualTo("b");
    }
  }

  @Test
  void aPausedSocketHandsOutNothingUntilItResumes() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      byte[] pause = RawWebSocket.masked(FIN | TEXT, "pause".getBytes(StandardCharsets.US_ASCII));
      byte[] next = RawWebSocket.masked(FIN | TEXT, (byte) 'n');
      client.raw.send(RawWebSocket.join(pause, next, next));
      await()
          .until(() ->
              CompletableFuture.supplyAsync(
                      () -> ((WebSocketChannel) socket).isPaused(), socket.loop())
                  .get());
      assertThat(client.raw.hasInput()).isFalse();
      client.text("later");
      on(socket, socket::resumeReading);
      assertThat(client.readText()).isEqualTo("n");
      assertThat(client.readText()).isEqualTo("n");
      assertThat(client.readText()).isEqualTo("later");
      assertThat(client.text("blink").text("after").readText()).isEqualTo("after");
    }
  }

  @Test
  void aPausedSocketStillClosesInOrder() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(
          socket,
          () -> {
            socket.pauseReading();
            socket.close(1000, "");
          });
      assertThat(client.readCloseCode()).isEqualTo(1000);
      client.close(1000, "");
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.nextHeard()).isEqualTo("close 1000 ");
    }
  }

  @Test
  void aClientThatDoesNotReadMakesTheSocketUnwritableUntilItDoes() throws Exception {
    serve(WebSocketOptions.DEFAULTS, TestServer.config());
    Raw slow = Raw.withSmallReceiveBuffer(server.http.address());
    CountDownLatch writable = new CountDownLatch(1);
    try (RawWebSocket client = new RawWebSocket(slow, "/")) {
      WebSocket socket = server.socket();
      int[] sent = {0};
      on(
          socket,
          () -> {
            socket.onWritable(writable::countDown);
            while (socket.isWritable()) {
              socket.sendBinary(Unpooled.wrappedBuffer(new byte[10_000]));
              socket.flush();
              sent[0]++;
            }
          });
      for (int i = 0; i < 5; i++) {
        client.send(FIN | PING, (byte) i);
      }
      CompletableFuture.runAsync(() -> {}, socket.loop()).get();
      for (int i = 0; i < sent[0]; i++) {
        assertThat(client.read().payload()).hasSize(10_000);
      }
      assertThat(writable.await(10, TimeUnit.SECONDS)).isTrue();
      RawWebSocket.Frame pong = client.read();
      while (pong.payload()[0] != 4) { // the last ping is always answered
        pong = client.read();
      }
      assertThat(pong.first()).isEqualTo(FIN | PONG);
    }
  }

  @Test
  void drainingTellsClientsToGoAway() throws Exception {
    try (RawWebSocket client = connect()) {
      assertThat(client.text("a").readText()).isEqualTo("a");
      CompletableFuture<Void> drained = server.http.drain(Duration.ofSeconds(20));
      assertThat(client.readCloseCode()).isEqualTo(1001);
      client.close(1001, "");
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.nextHeard()).isEqualTo("close 1001 ");
      client.raw.hangUp();
      drained.get(10, TimeUnit.SECONDS);
      assertThat(server.http.connections()).isZero();
    }
  }

  @Test
  void aCloseWithoutFrameIsTheEndBehindWhatWasSent() throws Exception {
    serve(WebSocketOptions.DEFAULTS.withoutCloseFrame(), TestServer.config());
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(
          socket,
          () -> {
            socket.sendText("last");
            socket.close(1001, "the server is going away");
            socket.sendText("too late");
            assertThat(socket.isOpen()).isFalse();
          });
      assertThat(client.readText()).isEqualTo("last");
      assertThat(client.raw.atEnd()).isTrue();
      client.raw.hangUp();
      assertThat(server.nextHeard()).isEqualTo("close 1006 ");
    }
  }

  @Test
  void aFailureWithoutFrameIsTheEndToo() throws Exception {
    serve(WebSocketOptions.DEFAULTS.withoutCloseFrame(), TestServer.config());
    try (RawWebSocket client = connect()) {
      client.text("fail");
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.nextHeard()).startsWith("close 1011 ");
    }
  }

  @Test
  void theClientsOwnCloseIsAnsweredWithAFrameAlways() throws Exception {
    serve(WebSocketOptions.DEFAULTS.withoutCloseFrame(), TestServer.config());
    try (RawWebSocket client = connect()) {
      client.close(1000, "bye");
      assertThat(client.readCloseCode()).isEqualTo(1000);
      assertThat(client.raw.atEnd()).isTrue();
      assertThat(server.nextHeard()).isEqualTo("close 1000 bye");
    }
  }

  @Test
  void closingTheServerEndsEverySocket() throws Exception {
    try (RawWebSocket client = connect()) {
      assertThat(client.text("a").readText()).isEqualTo("a");
      server.close();
      assertThat(server.nextHeard()).isEqualTo("close 1006 ");
    }
  }

  @Test
  void anAbortedSocketHasNoCloseFrame() throws Exception {
    try (RawWebSocket client = connect()) {
      WebSocket socket = server.socket();
      on(socket, socket::abort);
      assertThat(client.raw.readAll()).isEmpty();
      assertThat(server.nextHeard()).isEqualTo("close 1006 ");
    }
  }
}
