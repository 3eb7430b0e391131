package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Questions, answers, and backends that give none. */
final class HttpBackendTest {
  private static final Duration SOON = Duration.ofMillis(300);
  private static final String YES = "{\"allow\":true}";
  private final BackendTrial trial = new BackendTrial();

  @AfterEach
  void close() throws Exception {
    trial.close();
  }

  // --- questions and answers

  @Test
  void anAnswerAllows() {
    RealBackend backend = trial.answering("{\"allow\":true,\"payload\":{\"clean\":true}}");
    HttpBackend http = trial.asking(backend);

    Verdict verdict = http.ask(Fakes.publish("dirty")).join();

    assertThat(verdict.allowed()).isTrue();
    assertThat(verdict.payload()).isEqualTo(Map.of("clean", true));
    assertThat(backend.asked().getFirst().json().get("payload").stringValue()).isEqualTo("dirty");
    assertThat(BackendTrial.stats(http).allowed()).isEqualTo(1);
    BackendTrial.assertEveryQuestionEndedOnce(http);
  }

  @Test
  void anAnswerDenies() {
    HttpBackend http =
        trial.asking(trial.answering("{\"allow\":false,\"message\":\"No\",\"data\":{\"code\":7}}"));

    Verdict verdict = http.ask(Fakes.connect()).join();

    assertThat(verdict.allowed()).isFalse();
    assertThat(verdict.message()).isEqualTo("No");
    assertThat(verdict.data()).isEqualTo(Map.of("code", 7));
    assertThat(BackendTrial.stats(http).denied()).isEqualTo(1);
  }

  @Test
  void whatNoRouteCoversIsAllowedUnasked() {
    RealBackend backend = trial.answering("{\"allow\":false}");
    HttpBackend http = trial.asking(Routes.to(backend.uri()).of("/chat", "connect").config());

    assertThat(http.ask(Fakes.publish(1)).join().allowed()).isTrue();
    assertThat(backend.asked()).isEmpty();
    assertThat(BackendTrial.stats(http).asked()).isZero();
  }

  @Test
  void theFirstRouteThatCoversAQuestionCounts() {
    RealBackend first = trial.answering("{\"allow\":false}");
    RealBackend second = trial.answering(YES);
    HttpBackend http =
        trial.asking(
            new BackendConfig(
                List.of(
                    Routes.to(first.uri()).of("/c*", "connect").route(),
                    Routes.to(second.uri()).of("/chat", "connect", "publish").route())));

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    assertThat(http.ask(Fakes.publish(1)).join().allowed()).isTrue();
  }

  @Test
  void aRequestIsSignedAsStandardWebhooksSay() {
    RealBackend backend = trial.answering(YES);

    var _ = trial.asking(backend).ask(Fakes.publish("ü")).join();

    RealBackend.Asked asked = backend.asked().getFirst();
    assertThat(asked.timestamp()).isEqualTo(Long.toString(trial.now().getEpochSecond()));
    assertThat(asked.id()).startsWith("msg_").isEqualTo(asked.json().get("id").stringValue());
    assertThat(asked.signature())
        .isEqualTo(
            "v1,"
                + HandMadeHmac.sign(
                    RealBackend.SECRET, asked.id() + "." + asked.timestamp() + "." + asked.text()));
  }

  @Test
  void aQuestionThatJsonCannotSayIsNotSent() {
    RealBackend backend = trial.answering(YES);
    HttpBackend http = trial.asking(backend);
    List<Object> endless = new ArrayList<>();
    endless.add(endless);

    assertThat(http.ask(Fakes.publish(endless)).join().allowed()).isFalse();
    assertThat(backend.asked()).isEmpty();
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
  }

  // --- backends that misbehave

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hunter2",
        "{\"allow\":\"hunter2\"}",
        "{\"allow\":true,\"hunter3\":\"hunter2\"}",
        "{\"allow\":true"
      })
  void aLieIsNoAnswer(String lie) {
    HttpBackend http = trial.asking(trial.answering(lie));

    Verdict verdict = http.ask(Fakes.connect()).join();

    assertThat(verdict).isEqualTo(Verdict.UNAVAILABLE);
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
    assertThat(trial.log().lines()).anyMatch(line -> line.contains("unusable (expected: "));
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 401, 404, 429, 500, 503})
  void onlyAGoodStatusIsAnAnswer(int status) {
    RealBackend elsewhere = trial.answering(YES);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  exchange.getResponseHeaders().set("location", elsewhere.uri().toString());
                  RealBackend.send(exchange, status, YES.getBytes(StandardCharsets.UTF_8));
                }));
    HttpBackend http = trial.asking(backend);

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    assertThat(backend.asked()).hasSize(1);
    assertThat(elsewhere.asked()).as("redirects followed").isEmpty();
    assertThat(trial.log().lines())
        .anyMatch(line -> line.contains("status " + status + " (expected: 2xx)"));
  }

  @Test
  void withoutAnAnswerThePolicyHolds() {
    RealBackend backend = trial.open(new RealBackend(0, RealBackend.with(500, "")));
    HttpBackend http = trial.asking(Routes.to(backend.uri()).orElse(FailurePolicy.ALLOW).config());

    assertThat(http.ask(Fakes.connect()).join()).isEqualTo(Verdict.ALLOWED);
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
    assertThat(BackendTrial.stats(http).allowed()).isZero();
  }

  @Test
  void aSlowBackendIsNotWaitedFor() {
    CountDownLatch never = new CountDownLatch(1);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  BackendTrial.await(never);
                  RealBackend.send(exchange, 200, YES.getBytes(StandardCharsets.UTF_8));
                }));
    HttpBackend http = trial.asking(Routes.to(backend.uri()).within(SOON).config());

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    assertThat(BackendTrial.stats(http).timedOut()).isEqualTo(1);
    assertThat(backend.asked()).as("sent once: it may have been done").hasSize(1);
    never.countDown();
  }

  @Test
  void anAnswerThatDripsIsNotWaitedFor() {
    CountDownLatch never = new CountDownLatch(1);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  exchange.sendResponseHeaders(200, 14);
                  exchange.getResponseBody().write('{');
                  exchange.getResponseBody().flush();
                  BackendTrial.await(never);
                }));
    HttpBackend http = trial.asking(Routes.to(backend.uri()).within(SOON).config());

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    assertThat(BackendTrial.stats(http).timedOut()).isEqualTo(1);
    never.countDown();
  }

  @Test
  void anEndlessAnswerIsCutOff() throws InterruptedException {
    CountDownLatch cut = new CountDownLatch(1);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  exchange.sendResponseHeaders(200, 0);
                  byte[] more = new byte[1 << 16];
                  try {
                    for (long sent = 0; sent < 4L << 30; sent += more.length) {
                      exchange.getResponseBody().write(more);
                    }
                  } catch (IOException closed) {
                    cut.countDown();
                  }
                }));
    HttpBackend http = trial.asking(backend);

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    cut.await();
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "hunter2 hunter2\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"})
  void garbageIsNoAnswer(String garbage) throws IOException {
    ServerSocket listening = trial.open(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Thread.startVirtualThread(() -> {
      try (Socket client = listening.accept()) {
        var _ = client.getInputStream().read(new byte[1 << 16]);
        client.getOutputStream().write(garbage.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    HttpBackend http = trial.asking(Routes.to(RealBackend.uri(listening.getLocalPort())).config());

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
  }

  @Test
  void whereNobodyListensIsTriedAgainAndThenGivenUp() throws IOException {
    HttpBackend http = trial.asking(Routes.to(RealBackend.uri(BackendTrial.freePort())).config());

    assertThat(http.ask(Fakes.connect()).join().allowed()).isFalse();
    assertThat(trial.pauses()).containsExactly(Duration.ofMillis(50), Duration.ofMillis(200));
    assertThat(trial.log().lines()).anyMatch(line -> line.contains("cannot connect"));
  }

  @Test
  void aBackendThatRestartsIsAskedOnceItListens() throws IOException {
    int port = BackendTrial.freePort();
    AtomicReference<@Nullable RealBackend> restarted = new AtomicReference<>();
    trial.inAPause(
        () -> restarted.set(trial.open(new RealBackend(port, RealBackend.with(200, YES)))));
    HttpBackend http = trial.asking(Routes.to(RealBackend.uri(port)).config());

    assertThat(http.ask(Fakes.connect()).join().allowed()).isTrue();
    assertThat(trial.pauses()).hasSize(1);
    assertThat(Objects.requireNonNull(restarted.get()).asked()).hasSize(1);
  }
}
