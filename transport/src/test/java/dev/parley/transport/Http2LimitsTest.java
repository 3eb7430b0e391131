package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What one HTTP/2 client may ask of the server (RFC 9113 §10.5). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http2LimitsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final int REFUSED_STREAM = 7;
  private static final int CANCEL = 8;
  private static final int ENHANCE_YOUR_CALM = 11;

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

  private static Frames connect(TestServer server) throws IOException {
    return new Frames(new Raw(server.http.address()));
  }

  @Test
  void aStreamWhoseClientTakesNothingIsResetAndTheConnectionGoesOn() throws Exception {
    try (TestServer own = new TestServer(TestServer.timeouts(LONG, LONG, LONG, SHORT));
        Frames client = connect(own)) {
      client.send(
          Frames.frame(Frames.WINDOW_UPDATE, 0, 0, Frames.int32(1 << 20)),
          Frames.get(1, "/stream"));
      StreamingBody body = own.bodies.poll(10, TimeUnit.SECONDS);
      SharedFrame frame = TestServer.frame("x".repeat(200_000)); // more than the stream's window
      Http1Test.onLoop(
          body,
          () -> {
            body.write(frame);
            frame.release();
          });
      assertThat(client.status(1)).isEqualTo("200");
      Frames.Frame reset = client.await(Frames.RESET);
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.error()).isEqualTo(CANCEL);
      assertThat(own.closed.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(frame.chunk().refCnt()).isZero();
      assertThat(client.send(Frames.get(3, "/next")).status(3)).isEqualTo("200");
    }
  }

  @Test
  void aBodyThatPausesIsRefusedAndTheConnectionGoesOn() throws Exception {
    try (TestServer own = new TestServer(TestServer.timeouts(LONG, SHORT, LONG, LONG));
        Frames client = connect(own)) {
      client.send(
          Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 1, Frames.request("POST", "/echo")),
          Frames.frame(Frames.DATA, 0, 1, new byte[] {1, 2, 3}));
      assertThat(client.status(1)).isEqualTo("408");
      assertThat(client.send(Frames.get(3, "/next")).status(3)).isEqualTo("200");
      assertThat(own.http.bodyBytesInFlight()).isZero();
    }
  }

  @Test
  void aBodyThatTricklesIsRefused() throws Exception {
    TestConfig config = new TestConfig();
    config.bodyTimeout = SHORT;
    config.minBodyBytesPerSecond = 100_000;
    try (TestServer own = new TestServer(config.build());
        Raw raw = new Raw(own.http.address());
        Raw other = new Raw(own.http.address());
        Frames client = new Frames(raw)) {
      client.await(Frames.SETTINGS);
      client.await(Frames.SETTINGS); // which acknowledges ours
      client.send(
          Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 1, Frames.request("POST", "/echo")));
      while (!raw.hasInput()) {
        client.send(Frames.frame(Frames.DATA, 0, 1, new byte[1]));
        other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").read(); // the pace of the trickle
      }
      assertThat(client.status(1)).isEqualTo("408");
    }
  }

  @Test
  void bodiesBeyondTheBudgetAreToldToComeBack() throws Exception {
    TestConfig config = new TestConfig();
    config.maxBodyBytes = 10_000;
    config.maxInFlightBodyBytes = 10_000;
    try (TestServer own = new TestServer(config.build());
        Frames client = connect(own)) {
      byte[] post = Frames.request("POST", "/length");
      client.send(
          Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 1, post),
          Frames.frame(Frames.DATA, 0, 1, new byte[6000]),
          Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 3, post),
          Frames.frame(Frames.DATA, Frames.END_STREAM, 3, new byte[6000]));
      assertThat(client.status(3)).isEqualTo("503");
      client.send(Frames.frame(Frames.DATA, Frames.END_STREAM, 1, new byte[10]));
      assertThat(client.status(1)).isEqualTo("200");
      assertThat(own.http.bodyBytesInFlight()).isZero();
    }
  }

  @Test
  void headersBeyondTheLimitAreRefused() throws Exception {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    fields.writeBytes(Frames.request("GET", "/"));
    for (int i = 0; i < 45; i++) {
      fields.writeBytes(new byte[] {0, 1, 'x', 100}); // a literal field of 100 bytes
      fields.writeBytes("y".repeat(100).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
    try (Frames client = connect(server)) {
      client.send(
          Frames.frame(
              Frames.HEADERS, Frames.END_STREAM | Frames.END_HEADERS, 1, fields.toByteArray()));
      assertThat(client.status(1)).isEqualTo("431");
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefusedAndTheOthersGoOn() throws Exception {
    try (TestServer own = new TestServer(TestServer.config());
        Frames client = connect(own)) {
      for (int i = 0; i < 256; i++) {
        client.send(Frames.get(2 * i + 1, "/hold"));
      }
      client.send(Frames.get(513, "/hold"));
      Frames.Frame reset = client.await(Frames.RESET);
      assertThat(reset.stream()).isEqualTo(513);
      assertThat(reset.error()).isEqualTo(REFUSED_STREAM);
      Response first = own.held.poll(10, TimeUnit.SECONDS);
      first.loop().execute(() -> TestServer.text(first, 200, "done"));
      assertThat(client.status(1)).isEqualTo("200");
    }
  }

  @Test
  void rapidResetsCloseTheConnection() throws Exception {
    try (TestServer own = new TestServer(TestServer.config());
        Frames client = connect(own)) {
      ByteArrayOutputStream flood = new ByteArrayOutputStream();
      for (int i = 0; i < 400; i++) {
        flood.writeBytes(Frames.get(2 * i + 1, "/hold"));
        flood.writeBytes(Frames.frame(Frames.RESET, 0, 2 * i + 1, Frames.int32(CANCEL)));
      }
      client.send(flood.toByteArray());
      assertThat(client.await(Frames.GO_AWAY).error()).isEqualTo(ENHANCE_YOUR_CALM);
      client.atEnd();
      assertThat(own.paths).hasSizeLessThanOrEqualTo(202);
    }
  }

  @Test
  void aFloodOfContinuationsClosesTheConnection() throws Exception {
    try (Frames client = connect(server)) {
      client.send(Frames.frame(Frames.HEADERS, 0, 1, Frames.request("GET", "/")));
      ByteArrayOutputStream flood = new ByteArrayOutputStream();
      for (int i = 0; i < 100; i++) {
        flood.writeBytes(Frames.frame(Frames.CONTINUATION, 0, 1, Frames.NONE));
      }
      client.send(flood.toByteArray());
      assertThat(client.await(Frames.GO_AWAY).error()).isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void aFloodOfEmptyDataClosesTheConnection() throws Exception {
    try (Frames client = connect(server)) {
      client.send(
          Frames.frame(Frames.HEADERS, Frames.END_HEADERS, 1, Frames.request("POST", "/echo")));
      for (int i = 0; i < 10; i++) {
        client.send(Frames.frame(Frames.DATA, 0, 1, Frames.NONE));
      }
      assertThat(client.await(Frames.GO_AWAY).error()).isEqualTo(ENHANCE_YOUR_CALM);
    }
  }

  @Test
  void aFloodOfPingsClosesTheConnection() throws Exception {
    assertFloodIsCutOff(Frames.frame(Frames.PING, 0, 0, new byte[8]));
  }

  @Test
  void aFloodOfSettingsClosesTheConnection() throws Exception {
    assertFloodIsCutOff(Frames.frame(Frames.SETTINGS, 0, 0, Frames.NONE));
  }

  /**
   * Half a million small answers fill the kernel's buffers first; following each of them for leaks
   * would take a minute.
   */
  private void assertFloodIsCutOff(byte[] frame) throws Exception {
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    try (Raw raw = Raw.withSmallReceiveBuffer(server.http.address());
        Frames client = new Frames(raw)) {
      ByteArrayOutputStream burst = new ByteArrayOutputStream();
      for (int i = 0; i < 2000; i++) {
        burst.writeBytes(frame);
      }
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  client.send(burst.toByteArray()); // nothing is read
                }
              })
          .isInstanceOf(IOException.class);
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }
}
