package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages that two readers could take differently (RFC 9112 §11.2), and targets that hide what
 * they name.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileInputTest {
  private TestServer server;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer(TestServer.config());
  }

  @AfterAll
  void stop() {
    server.close();
    assertThat(Leaks.found()).isEmpty();
  }

  private void refuses(int status, String request) throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      String all = raw.send(request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n").readAll();
      assertThat(all).startsWith("HTTP/1.1 " + status + " ").contains("\"error\"");
      assertThat(all.split("HTTP/1\\.1 [0-9]", -1)).as("answers").hasSize(2);
      assertThat(server.paths).doesNotContain("/smuggled");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -1\r\n\r\n",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\n",
        "Content-Length : 5\r\n\r\nhello",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n",
        "Content-Length: 1\r\n 0\r\n\r\n0123456789",
        "Transfer-Encoding: chun\r\n ked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
        "X: a\u0000b\r\n\r\n",
        "X: a\rb\r\n\r\n",
        "X: a\nContent-Length: 3\r\n\r\nabc",
        "No colon\r\n\r\n",
        ": empty name\r\n\r\n",
        "Host: b\r\n\r\n"
      })
  void ambiguousFramingIsRefused(String rest) throws Exception {
    refuses(400, "POST /echo HTTP/1.1\r\nHost: a\r\n" + rest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../etc",
        "/a/..",
        "/./a",
        "/a/%2e%2e/b",
        "/a%2f..%2fb",
        "/a/%2E",
        "/%00",
        "/a%0d%0ab",
        "/%7f",
        "/%c2%85",
        "/%ff",
        "/%c0%af",
        "/%ed%a0%80",
        "/%",
        "/%4",
        "/%zz",
        "/a#b",
        "/caf\u00e9",
        "a",
        "ftp://a/b",
        "/ok?q=%ff"
      })
  void hiddenTargetsAreRefused(String target) throws Exception {
    refuses(400, "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "\u0001\u0002\u0003\r\n\r\n",
        "GET / FTP/9\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n"
      })
  void malformedHeadsAreRefused(String head) throws Exception {
    refuses(400, head);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization", "Content-Type"})
  void aHeaderThatMayComeOnceIsRefusedTwice(String name) throws Exception {
    refuses(400, "GET / HTTP/1.1\r\nHost: a\r\n" + name + ": a\r\nX: y\r\n" + name + ": b\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/2.0", "HTTP/3.0", "HTTP/9.9"})
  void otherVersionsAreRefused(String version) throws Exception {
    refuses(505, "GET / " + version + "\r\nHost: a\r\n\r\n");
  }

  /** RFC 9112 §3 and §2.2 allow it: whatever the reading, the message ends at the same byte. */
  @ParameterizedTest
  @ValueSource(strings = {"GET  /a HTTP/1.1", "\r\nGET /a HTTP/1.1", " GET /a HTTP/1.1"})
  void looseRequestLinesAreReadAsOneRequest(String line) throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      raw.send(line + "\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(raw.read().body()).isEqualTo("GET /a null a");
      assertThat(raw.read().body()).isEqualTo("GET /b null a");
    }
  }

  @Test
  void otherExpectationsAreRefused() throws Exception {
    refuses(417, "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 0\r\n\r\n");
  }

  @Test
  void endlessChunkExtensionsAreRefused() throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      String answer = raw.send("5;" + "x".repeat(5000)).readAll();
      assertThat(answer).startsWith("HTTP/1.1 4").contains("\"error\"");
    }
  }

  @Test
  void aFoldedHeaderIsOneValueThatSmugglesNothing() throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      // RFC 9112 §5.2 allows to read a fold as a space.
      raw.send("GET /x HTTP/1.1\r\nHost: a\r\nX: b\r\n Content-Length: 9\r\n\r\n");
      assertThat(raw.read().status()).isIn(200, 400);
    }
  }

  @Test
  void methodsAreTheHandlersAffair() throws Exception {
    try (Raw raw = new Raw(server.http.address())) {
      raw.send("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(raw.read().body()).startsWith("BREW /pot");
    }
  }

  @Test
  void requestsSentAheadAreLeftToTheSocketWhileAnAnswerIsDue() throws Exception {
    try (TestServer own = new TestServer(TestServer.config());
        SocketChannel client = SocketChannel.open(own.http.address());
        Selector selector = Selector.open()) {
      client.write(ascii("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n"));
      Response held = own.held.poll(10, TimeUnit.SECONDS);
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer ahead = ascii("GET /next HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20_000));
      int sent = 0;
      while (selector.select(500) > 0) { // until the kernel takes no more
        selector.selectedKeys().clear();
        ahead.rewind();
        sent += client.write(ahead);
      }
      assertThat(own.http.stats().bytesIn()).isLessThan(300_000).isLessThan(sent);
      assertThat(own.paths).containsExactly("/hold");
      held.loop().execute(() -> TestServer.text(held, 200, "done"));
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(own.paths).contains("/next"));
    }
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }
}
