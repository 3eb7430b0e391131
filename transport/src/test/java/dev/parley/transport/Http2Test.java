package dev.parley.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class Http2Test {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final String EMPTY_SETTINGS = "\0\0\0\4\0\0\0\0\0";

  private TestServer plain;
  private TestServer secure;
  private HttpClient client;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    SelfSigned pair = SelfSigned.create(folder, "h2");
    pair.writeTo(folder.resolve("chain.pem"), folder.resolve("key.pem"));
    plain = new TestServer(TestServer.config());
    secure = new TestServer(TestServer.tls(folder.resolve("chain.pem"), folder.resolve("key.pem")));
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_2)
            .sslContext(pair.trusting())
            .build();
  }

  @AfterAll
  void stop() {
    client.close();
    plain.close();
    secure.close();
    assertThat(Leaks.found()).isEmpty();
  }

  @Test
  void twoAuthorizationsAreRefused() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + secure.http.address().getPort()))
            .header("authorization", "Bearer a")
            .header("authorization", "Bearer b")
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("authorization headers: 2 (expected: 1)");
  }

  private TestServer server(String scheme) {
    return scheme.equals("https") ? secure : plain;
  }

  private HttpRequest.Builder to(String scheme, String path) {
    return HttpRequest.newBuilder(
            URI.create(scheme + "://localhost:" + server(scheme).http.address().getPort() + path))
        .timeout(Duration.ofSeconds(20));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void requestsAreServedOverHttp2(String scheme) throws Exception {
    HttpResponse<String> first =
        client.send(to(scheme, "/caf%C3%A9?q=1").build(), BodyHandlers.ofString());
    assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2); // by Upgrade or by ALPN
    assertThat(first.body())
        .isEqualTo("GET /café 1 localhost:" + server(scheme).http.address().getPort());
    String body = "x".repeat(90_000);
    HttpResponse<String> echo =
        client.send(
            to(scheme, "/echo").POST(BodyPublishers.ofString(body)).build(),
            BodyHandlers.ofString());
    assertThat(echo.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(echo.body()).isEqualTo(body);
    HttpResponse<String> head =
        client.send(to(scheme, "/large").HEAD().build(), BodyHandlers.ofString());
    assertThat(head.headers().firstValue("content-length")).hasValue("1048576");
    assertThat(client.send(to(scheme, "/nothing").build(), BodyHandlers.ofString()).statusCode())
        .isEqualTo(204);
    assertThat(client.send(to(scheme, "/large").build(), BodyHandlers.ofByteArray()).body())
        .hasSize(1 << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void manyStreamsShareAConnection(String scheme) throws Exception {
    client.send(to(scheme, "/").build(), BodyHandlers.ofString());
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(client.sendAsync(to(scheme, "/n" + i).build(), BodyHandlers.ofString()));
    }
    for (int i = 0; i < 100; i++) {
      assertThat(answers.get(i).get(20, TimeUnit.SECONDS).body()).startsWith("GET /n" + i + " ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "https"})
  void sharedFramesArriveAsData(String scheme) throws Exception {
    client.send(to(scheme, "/").build(), BodyHandlers.ofString());
    HttpResponse<InputStream> response =
        client.send(to(scheme, "/stream").build(), BodyHandlers.ofInputStream());
    StreamingBody body = server(scheme).bodies.poll(10, TimeUnit.SECONDS);
    SharedFrame frame = TestServer.frame("hello ");
    Http1Test.onLoop(
        body,
        () -> {
          body.write(frame);
          body.write(frame);
          frame.release();
        });
    try (InputStream in = response.body()) {
      assertThat(new String(in.readNBytes(12), StandardCharsets.UTF_8)).isEqualTo("hello hello ");
      Http1Test.onLoop(body, body::end);
      assertThat(in.read()).isNegative();
    }
    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
  }

  @Test
  void aCancelledStreamIsHeardOf() throws Exception {
    try (TestServer own = new TestServer(TestServer.config())) {
      URI base = URI.create("http://localhost:" + own.http.address().getPort() + "/");
      client.send(HttpRequest.newBuilder(base).build(), BodyHandlers.ofString());
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(base.resolve("/stream")).build(),
              BodyHandlers.ofInputStream());
      response.body().close();
      assertThat(own.closed.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void anAbortedStreamFailsAtTheClient() throws Exception {
    client.send(to("https", "/").build(), BodyHandlers.ofString());
    HttpResponse<InputStream> response =
        client.send(to("https", "/stream").build(), BodyHandlers.ofInputStream());
    StreamingBody body = secure.bodies.poll(10, TimeUnit.SECONDS);
    Http1Test.onLoop(body, body::abort);
    assertThatThrownBy(() -> response.body().readAllBytes()).isInstanceOf(IOException.class);
  }

  @Test
  void aLargeBodyIsRefusedAndTheConnectionGoesOn() throws Exception {
    int accepted = (int) secure.http.stats().accepted();
    client.send(to("https", "/").build(), BodyHandlers.ofString());
    HttpResponse<String> answer =
        client.send(
            to("https", "/echo").POST(BodyPublishers.ofByteArray(new byte[100_001])).build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(client.send(to("https", "/").build(), BodyHandlers.ofString()).statusCode())
        .isEqualTo(200);
    assertThat(secure.http.stats().accepted()).isLessThanOrEqualTo(accepted + 1L);
  }

  @Test
  void hiddenTargetsAreRefused() throws Exception {
    assertThat(
            client.send(to("https", "/a/%2e%2e/b").build(), BodyHandlers.ofString()).statusCode())
        .isEqualTo(400);
  }

  @Test
  void http2WithPriorKnowledgeIsRecognisedByItsFirstBytes() throws Exception {
    try (Raw raw = new Raw(plain.http.address())) {
      String settings = raw.send(PREFACE + EMPTY_SETTINGS).readFrameTypes(1);
      assertThat(settings).startsWith("4");
    }
  }

  @Test
  void framesOfTheConnectionItselfDoNotStartARequestsClock() throws Exception {
    Duration brief = Duration.ofMillis(100);
    Duration generous = Duration.ofSeconds(20);
    try (TestServer own = new TestServer(TestServer.timeouts(brief, generous, generous, generous));
        Raw raw = new Raw(own.http.address());
        Raw late = new Raw(own.http.address())) {
      raw.send(PREFACE + EMPTY_SETTINGS).readFrameTypes(1);
      raw.send(EMPTY_SETTINGS);
      assertThat(late.send("GET").read().status())
          .isEqualTo(408); // the headers' timeout has passed
      assertThat(late.atEnd()).isTrue();
      raw.send("\0\0\10\6\0\0\0\0\0abcdefgh");
      String type = raw.readFrameTypes(1);
      while (!type.equals("6")) {
        assertThat(type).isNotEqualTo("7");
        type = raw.readFrameTypes(1);
      }
    }
  }

  @Test
  void aStreamThatIsNotReadIsHeldBackThenResumed() throws Exception {
    client.send(to("http", "/").build(), BodyHandlers.ofString());
    HttpResponse<InputStream> response =
        client.send(to("http", "/stream").build(), BodyHandlers.ofInputStream());
    StreamingBody body = plain.bodies.poll(10, TimeUnit.SECONDS);
    SharedFrame frame = TestServer.frame("x".repeat(8192));
    CountDownLatch full = new CountDownLatch(1);
    CountDownLatch writableAgain = new CountDownLatch(1);
    int[] written = {0};
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
            written[0]++;
            ((Response) body).loop().execute(this);
          }
        };
    Http1Test.onLoop(body, fill);
    assertThat(full.await(30, TimeUnit.SECONDS)).isTrue();
    try (InputStream in = response.body()) {
      assertThat(in.readNBytes(written[0] * 8192)).hasSize(written[0] * 8192);
      assertThat(writableAgain.await(10, TimeUnit.SECONDS)).isTrue();
      Http1Test.onLoop(
          body,
          () -> {
            frame.release();
            body.end();
          });
      assertThat(in.read()).isNegative();
    }
  }
}
