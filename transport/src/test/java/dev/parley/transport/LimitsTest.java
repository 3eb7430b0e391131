package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LimitsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(150);

  private static Raw.Answer only(TransportConfig config, String bytes) throws Exception {
    try (TestServer server = new TestServer(config);
        Raw raw = new Raw(server.http.address())) {
      Raw.Answer answer = raw.send(bytes).read();
      assertThat(answer.headers()).containsEntry("connection", "close");
      assertThat(raw.atEnd()).isTrue();
      return answer;
    }
  }

  @Test
  void anAnnouncedBodyBeyondTheLimitIsRefusedUnread() throws Exception {
    Raw.Answer answer =
        only(
            TestServer.config(),
            "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 100001\r\n\r\n");
    assertThat(answer.status()).isEqualTo(413);
    assertThat(answer.body()).contains("body_too_large").contains("100000");
  }

  @Test
  void aChunkedBodyBeyondTheLimitIsRefusedAndTheAnswerArrives() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 15; i++) {
        raw.send("2710\r\n" + "x".repeat(10_000) + "\r\n");
      }
      assertThat(raw.read().status()).isEqualTo(413);
    }
  }

  @Test
  void aBodyAtTheLimitIsServed() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send(
          "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
              + "x".repeat(100_000));
      assertThat(raw.read().body()).isEqualTo("100000");
    }
  }

  @Test
  void largeHeadsAreRefused() throws Exception {
    assertThat(
            only(TestServer.config(), "GET /" + "x".repeat(5000) + " HTTP/1.1\r\nHost: a\r\n\r\n")
                .status())
        .isEqualTo(414);
    assertThat(
            only(
                    TestServer.config(),
                    "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(5000) + "\r\n\r\n")
                .status())
        .isEqualTo(431);
    String both =
        "GET /" + "x".repeat(2500) + " HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(2500) + "\r\n\r\n";
    assertThat(only(TestServer.config(), both).status()).isEqualTo(431);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"G", "P", "PRI * HTTP/2.0\r\n\r\nS", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "})
  void headersThatDoNotEndAreTimedOut(String start) throws Exception {
    assertThat(only(TestServer.timeouts(SHORT, LONG, LONG, LONG), start).status()).isEqualTo(408);
  }

  @Test
  void aBodyThatPausesIsTimedOut() throws Exception {
    String start = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab";
    assertThat(only(TestServer.timeouts(LONG, SHORT, LONG, LONG), start).status()).isEqualTo(408);
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    try (TestServer server = new TestServer(TestServer.timeouts(LONG, LONG, SHORT, LONG));
        Raw raw = new Raw(server.http.address())) {
      assertThat(raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read().status()).isEqualTo(200);
      assertThat(raw.atEnd()).isTrue();
    }
  }

  @Test
  void aWaitingHandlerIsNotIdle() throws Exception {
    try (TestServer server = new TestServer(TestServer.timeouts(SHORT, SHORT, SHORT, SHORT));
        Raw raw = new Raw(server.http.address());
        Raw idle = new Raw(server.http.address())) {
      raw.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
      Response response = server.held.poll(10, TimeUnit.SECONDS);
      assertThat(idle.atEnd()).isTrue(); // the same timeout has passed
      response.loop().execute(() -> TestServer.text(response, 200, "at last"));
      assertThat(raw.read().body()).isEqualTo("at last");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void connectionsBeyondTheLimitAreTurnedAway(boolean perAddress) throws Exception {
    TransportConfig config =
        perAddress ? TestServer.connections(100, 2) : TestServer.connections(2, 100);
    try (TestServer server = new TestServer(config)) {
      List<Raw> open = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Raw raw = new Raw(server.http.address());
        open.add(raw);
        assertThat(raw.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read().status()).isEqualTo(200);
      }
      try (Raw third = new Raw(server.http.address())) {
        Raw.Answer answer = third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsKey("retry-after");
      }
      assertThat(server.http.stats().refused()).isEqualTo(1);
      assertThat(server.http.connections()).isEqualTo(2);
      for (Raw raw : open) {
        raw.hangUp();
      }
    }
  }

  @Test
  void aClientThatDoesNotReadIsHeldBackThenResumed() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n");
      StreamingBody body = server.bodies.poll(10, TimeUnit.SECONDS);
      SharedFrame frame = TestServer.frame("x".repeat(8192));
      CountDownLatch full = new CountDownLatch(1);
      CountDownLatch writableAgain = new CountDownLatch(1);
      Runnable fill =
          new Runnable() {
            @Override
            public void run() {
              if (!body.isWritable()) {
                body.onWritable(writableAgain::countDown);
                full.countDown();
                return;
              }
              body.write(frame);
              ((Response) body).loop().execute(this);
            }
          };
      Http1Test.onLoop(body, fill);
      assertThat(full.await(20, TimeUnit.SECONDS)).isTrue();
      raw.readHead();
      while (writableAgain.getCount() > 0) {
        assertThat(raw.readChunk()).hasSize(8192);
      }
      Http1Test.onLoop(body, frame::release);
    }
  }

  @Test
  void aStalledClientIsClosed() throws Exception {
    try (TestServer server =
            new TestServer(TestServer.timeouts(LONG, LONG, LONG, Duration.ofMillis(300)));
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
