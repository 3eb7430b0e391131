package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The same server over each way to reach sockets. */
final class SocketsTest {
  @AfterAll
  static void nothingLeaked() {
    assertThat(Leaks.found()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void requestsStreamsAndRefusalsWorkTheSame(Sockets sockets) throws Exception {
    try (TestServer server = new TestServer(TestServer.config(), sockets);
        Raw raw = new Raw(server.http.address())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
      String body = "x".repeat(90_000);
      assertThat(raw.send(body).read().body()).isEqualTo(body);
      raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n").readHead();
      StreamingBody stream = server.bodies.poll(10, TimeUnit.SECONDS);
      SharedFrame frame = TestServer.frame("hello");
      Http1Test.onLoop(
          stream,
          () -> {
            stream.write(frame);
            frame.release();
            stream.end();
          });
      assertThat(raw.readChunk()).isEqualTo("hello");
      assertThat(raw.readChunk()).isEmpty();
      assertThat(raw.send("nonsense\r\n\r\n").read().status()).isEqualTo(400);
      assertThat(raw.atEnd()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTakenPortIsNamed(Sockets sockets) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TestConfig config = new TestConfig();
      config.port = taken.getLocalPort();
      assertThatThrownBy(() -> new TestServer(config.build(), sockets))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "transport.port: "
                  + config.port
                  + " is in use (expected: a free port; another Parley may be running)");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSecondServerOnThePortIsNoticed(Sockets sockets) throws Exception {
    try (TestServer first = new TestServer(new TestConfig().build(), sockets)) {
      TestConfig config = new TestConfig();
      config.port = first.http.address().getPort();
      assertThatThrownBy(() -> new TestServer(config.build(), sockets))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("transport.port: " + config.port + " is in use");
    }
  }

  @Test
  void aStormIsSpreadOverFourBacklogsThatAreAllServed() throws Exception {
    List<Raw> clients = new ArrayList<>();
    try (TestServer server = new TestServer(TestServer.config(), Sockets.EPOLL)) {
      InetSocketAddress address = server.http.address();
      for (int i = 0; i < 64; i++) {
        clients.add(new Raw(address));
      }
      for (Raw client : clients) {
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
        assertThat(client.read().body()).isEqualTo("hi");
      }
      assertThat(listening(address.getPort())).isEqualTo(4);
    } finally {
      for (Raw client : clients) {
        client.close();
      }
    }
  }

  /** How many sockets listen on a port (proc(5), "/proc/net/tcp"; 0A is LISTEN). */
  private static long listening(int port) throws IOException {
    String local = String.format(Locale.ROOT, "[0-9A-F]+:%04X", port);
    String line = "\\s*\\d+: " + local + " [0-9A-F]+:0000 0A .*";
    long found = 0;
    for (Path table : List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"))) {
      if (Files.exists(table)) { // not every machine has IPv6
        try (Stream<String> entries = Files.lines(table)) {
          found += entries.filter(entry -> entry.matches(line)).count();
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({
    "EPOLL, 192.0.2.1", // RFC 5737 §3: nobody's
    "NIO, 192.0.2.1",
    "EPOLL, name.invalid",
    "NIO, name.invalid"
  })
  void aHostThatIsNotThisMachineIsNamed(Sockets sockets, String host) {
    TestConfig config = new TestConfig();
    config.host = host;
    assertThatThrownBy(() -> new TestServer(config.build(), sockets))
        .isInstanceOf(IOException.class)
        .hasMessage("transport.host: " + host + " (expected: an address of this machine)");
  }

  @ParameterizedTest
  @EnumSource
  void aStalledClientIsClosed(Sockets sockets) throws Exception {
    TestConfig config = new TestConfig();
    config.stalledWriteTimeout = java.time.Duration.ofMillis(300);
    try (TestServer server = new TestServer(config.build(), sockets);
        Raw raw = new Raw(server.http.address())) {
      raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
      StreamingBody body = server.bodies.poll(10, TimeUnit.SECONDS);
      SharedFrame frame = TestServer.frame("x".repeat(1 << 20));
      Http1Test.onLoop(
          body,
          () -> {
            for (int i = 0; i < 20; i++) {
              body.write(frame);
            }
            frame.release();
          });
      assertThat(server.closed.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
