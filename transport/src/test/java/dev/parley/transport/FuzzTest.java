package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

final class FuzzTest {
  private static final Duration SHORT = Duration.ofMillis(400);

  @SuppressWarnings("NullAway.Init") // by start
  private static TestServer server;

  @BeforeContainer
  static void start() throws Exception {
    server = new TestServer(TestServer.timeouts(SHORT, SHORT, SHORT, SHORT));
  }

  @AfterContainer
  static void stop() {
    server.close();
    assertThat(Leaks.found()).isEmpty();
  }

  @Property(tries = 300)
  void noBytesKeepTheNextClientFromBeingServed(@ForAll("hostile") byte[] bytes) throws Exception {
    try (Raw hostile = new Raw(server.http.address());
        Raw good = new Raw(server.http.address())) {
      try {
        hostile.send(bytes);
      } catch (java.net.SocketException closed) {
        // the server had heard enough
      }
      assertThat(good.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\n").read().body())
          .startsWith("GET /good");
    }
  }

  @Provide
  Arbitrary<byte[]> hostile() {
    Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(2000);
    Arbitrary<String> seeds =
        Arbitraries.of(
            "GET /echo?a=b HTTP/1.1\r\nHost: a\r\nX-Y: z\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\11\1\5\0\0\0\1\u0082\u0086\4\5/echo",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0\0\0\11\1\4\0\0\0\1\u0083\u0086\4\5/echo\0\0\3\0\1\0\0\0\1abc");
    Arbitrary<byte[]> mutated =
        Combinators.combine(
                seeds,
                Arbitraries.integers().between(0, 1000).list().ofMaxSize(4),
                Arbitraries.bytes().list().ofSize(4),
                Arbitraries.integers().between(1, 4))
            .as((seed, places, values, times) -> {
              byte[] bytes = seed.repeat(times).getBytes(StandardCharsets.ISO_8859_1);
              for (int i = 0; i < places.size(); i++) {
                bytes[places.get(i) % bytes.length] = values.get(i);
              }
              return bytes;
            });
    return Arbitraries.oneOf(noise, mutated);
  }
}
