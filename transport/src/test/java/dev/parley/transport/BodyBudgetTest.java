package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What bodies may take together, and how slowly they may come. */
final class BodyBudgetTest {
  private static final String HALF = "x".repeat(40_000);

  @AfterAll
  static void nothingLeaked() {
    assertThat(Leaks.found()).isEmpty();
  }

  private static TransportConfig roomForTwo() {
    TestConfig config = new TestConfig();
    config.maxInFlightBodyBytes = 200_000;
    return config.build();
  }

  private static Raw begin(TestServer server) throws Exception {
    Raw raw = new Raw(server.http.address());
    return raw.send("POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 80000\r\n\r\n" + HALF);
  }

  private static void awaitTaken(TestServer server, long bytes) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> server.http.bodyBytesInFlight() >= bytes);
  }

  @Test
  void bodiesBeyondTheBudgetAreToldToComeBackAndTheOthersGoOn() throws Exception {
    try (TestServer server = new TestServer(roomForTwo());
        Raw first = begin(server);
        Raw second = begin(server)) {
      awaitTaken(server, 2L * HALF.length());
      try (Raw third = new Raw(server.http.address())) {
        third.send(
            "POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n"
                + "y".repeat(99_999));
        Raw.Answer answer = third.read();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsEntry("retry-after", "5");
        assertThat(answer.body()).contains("too_many_bodies").contains("\"retry\":true");
      }
      assertThat(server.http.stats().rejected()).isEqualTo(1);
      assertThat(first.send(HALF).read().body()).isEqualTo("80000");
      assertThat(second.send(HALF).read().body()).isEqualTo("80000");
      assertThat(server.http.bodyBytesInFlight()).isZero();
    }
  }

  @Test
  void aBodyCountsUntilItsAnswerBegins() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send("POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
      Response response = server.held.poll(10, TimeUnit.SECONDS);
      assertThat(server.http.bodyBytesInFlight()).isEqualTo(5);
      response.loop().execute(() -> TestServer.text(response, 200, "done"));
      raw.read();
      assertThat(server.http.bodyBytesInFlight()).isZero();
    }
  }

  @Test
  void whatAClientLeavesBehindIsGivenBack() throws Exception {
    try (TestServer server = new TestServer(roomForTwo());
        Raw raw = begin(server)) {
      awaitTaken(server, HALF.length());
      raw.hangUp();
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> server.http.bodyBytesInFlight() == 0);
    }
  }

  @Test
  void aSmallPieceOfALargeBodyReservesLittle() throws Exception {
    try (TestServer server = new TestServer(TestServer.config());
        Raw raw = new Raw(server.http.address())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\na");
      awaitTaken(server, 1);
      assertThat(server.http.bodyBytesInFlight()).isLessThanOrEqualTo(8192);
    }
  }

  @Test
  void aBodyThatTricklesIsTimedOutAlthoughItNeverPauses() throws Exception {
    TestConfig config = new TestConfig();
    config.bodyTimeout = Duration.ofMillis(300);
    config.minBodyBytesPerSecond = 100_000;
    try (TestServer server = new TestServer(config.build());
        Raw raw = new Raw(server.http.address());
        Raw other = new Raw(server.http.address())) {
      raw.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n");
      while (!raw.hasInput()) {
        raw.send("a");
        other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read(); // the pace of the trickle
      }
      assertThat(raw.read().status()).isEqualTo(408);
    }
  }
}
