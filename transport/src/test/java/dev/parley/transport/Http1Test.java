package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http1Test {
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

  private Raw connect() throws Exception {
    return new Raw(server.http.address());
  }

  @Test
  void oneConnectionServesManyRequests() throws Exception {
    try (Raw raw = connect()) {
      for (int i = 0; i < 3; i++) {
        Raw.Answer answer =
            raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").read();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
        assertThat(answer.headers()).containsKey("date").doesNotContainKey("connection");
      }
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      requests.append("GET /n").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    try (Raw raw = connect()) {
      raw.send(requests.toString());
      for (int i = 0; i < 500; i++) {
        assertThat(raw.read().body()).isEqualTo("GET /n" + i + " null a");
      }
    }
  }

  @Test
  void aRequestSentAheadWaitsForTheAnswerBefore() throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n");
      Response first = server.held.poll(10, TimeUnit.SECONDS);
      assertThat(server.paths).doesNotContain("/second");
      first.loop().execute(() -> TestServer.text(first, 200, "first"));
      assertThat(raw.read().body()).isEqualTo("first");
      assertThat(raw.read().body()).startsWith("GET /second");
    }
  }

  @Test
  void chunkedBodiesAreJoined() throws Exception {
    try (Raw raw = connect()) {
      raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      raw.send("4;ext=1\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n");
      assertThat(raw.read().body()).isEqualTo("abcdefg");
    }
  }

  @Test
  void expectContinueIsAnsweredBeforeTheBody() throws Exception {
    try (Raw raw = connect()) {
      raw.send(
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
      assertThat(raw.readHead().status()).isEqualTo(100);
      assertThat(raw.send("ok").read().body()).isEqualTo("ok");
    }
  }

  @Test
  void headNeverHasABody() throws Exception {
    try (Raw raw = connect()) {
      Raw.Answer answer = raw.send("HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n").read(true);
      assertThat(answer.headers()).containsEntry("content-length", "1048576");
      assertThat(raw.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").read().body())
          .startsWith("GET /next");
    }
  }

  @ParameterizedTest
  @CsvSource({"/nothing,204", "/unchanged,304"})
  void someStatusesHaveNoBody(String path, int status) throws Exception {
    try (Raw raw = connect()) {
      Raw.Answer answer = raw.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(status);
      assertThat(answer.headers()).doesNotContainKeys("content-length", "transfer-encoding");
      assertThat(raw.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").read().body())
          .startsWith("GET /next");
    }
  }

  @Test
  void sharedFramesArriveAsChunks() throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
      StreamingBody body = server.bodies.poll(10, TimeUnit.SECONDS);
      assertThat(raw.readHead().headers()).containsEntry("transfer-encoding", "chunked");
      SharedFrame frame = TestServer.frame("twenty-one bytes long");
      SharedFrame empty = TestServer.frame("");
      onLoop(
          body,
          () -> {
            body.write(frame);
            body.write(empty);
            body.write(frame);
          });
      assertThat(raw.readChunk()).isEqualTo("twenty-one bytes long");
      assertThat(raw.readChunk()).isEqualTo("twenty-one bytes long");
      onLoop(body, body::end);
      assertThat(raw.readChunk()).isEmpty();
      assertThat(raw.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n").read().body())
          .startsWith("GET /next");
      frame.release();
      assertThat(frame.chunk().refCnt()).isZero();
    }
  }

  static void onLoop(StreamingBody body, Runnable action) {
    ((Response) body).loop().execute(action);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.0\r\n", "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"})
  void streamsWithoutKeepAliveEndWithTheConnection(String rest) throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET /stream " + rest + "\r\n");
      StreamingBody body = server.bodies.poll(10, TimeUnit.SECONDS);
      onLoop(
          body,
          () -> {
            SharedFrame frame = TestServer.frame("raw bytes");
            body.write(frame);
            frame.release();
            body.end();
          });
      assertThat(raw.readHead().headers())
          .doesNotContainKey("transfer-encoding")
          .containsEntry("connection", "close");
      assertThat(raw.readAll()).isEqualTo("raw bytes");
    }
  }

  @Test
  void anAbortedStreamIsCutOff() throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
      StreamingBody body = server.bodies.poll(10, TimeUnit.SECONDS);
      raw.readHead();
      onLoop(body, body::abort);
      assertThat(raw.readAll()).isEmpty();
    }
  }

  @Test
  void http10KeepsAliveWhenAsked() throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      assertThat(raw.read().headers()).containsEntry("connection", "keep-alive");
      assertThat(raw.send("GET /b HTTP/1.0\r\n\r\n").read().headers())
          .containsEntry("connection", "close");
      assertThat(raw.atEnd()).isTrue();
    }
  }

  @Test
  void aFailingHandlerIsA500() throws Exception {
    try (Raw raw = connect()) {
      Raw.Answer answer = raw.send("GET /fail HTTP/1.1\r\nHost: a\r\n\r\n").read();
      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.body())
          .contains("\"code\":\"internal_error\"")
          .doesNotContain("on purpose");
    }
  }

  @Test
  void theHandlerHearsThatTheClientHasGone() throws Exception {
    try (TestServer own = new TestServer(TestServer.config())) {
      try (Raw raw = new Raw(own.http.address())) {
        raw.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(own.held.poll(10, TimeUnit.SECONDS)).isNotNull();
      }
      assertThat(own.closed.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void pathsAreDecodedOnceAndQueriesToo() throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET /caf%C3%A9/a%2Fb%252e?q=x%20+y HTTP/1.1\r\nHost: h:1\r\n\r\n");
      assertThat(raw.read().body()).isEqualTo("GET /café/a/b%2e x  y h:1");
    }
  }

  @Test
  void theAbsoluteFormNamesTheAuthority() throws Exception {
    try (Raw raw = connect()) {
      raw.send("GET http://real:80/p?q=1 HTTP/1.1\r\nHost: other\r\n\r\n");
      assertThat(raw.read().body()).isEqualTo("GET /p 1 real:80");
    }
  }
}
