package dev.parley.wire.socketio.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bounds, the circuit, notices, and the end. */
final class EndpointTest {
  private static final String YES = "{\"allow\":true}";
  private final BackendTrial trial = new BackendTrial();

  @AfterEach
  void close() throws Exception {
    trial.close();
  }

  // --- bounds

  @Test
  void noMoreRequestsAreUnderWayThanMayBe() {
    CountDownLatch arrived = new CountDownLatch(2);
    CountDownLatch released = new CountDownLatch(1);
    AtomicInteger flying = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  most.accumulateAndGet(flying.incrementAndGet(), Math::max);
                  arrived.countDown();
                  BackendTrial.await(released);
                  flying.decrementAndGet();
                  RealBackend.send(exchange, 200, YES.getBytes(StandardCharsets.UTF_8));
                }));
    HttpBackend http = trial.asking(Routes.to(backend.uri()).atMost(2, 100).config());

    List<CompletableFuture<Verdict>> asked =
        IntStream.range(0, 20).mapToObj(i -> http.ask(Fakes.publish(i))).toList();
    BackendTrial.await(arrived);
    released.countDown();

    assertThat(asked).allMatch(verdict -> verdict.join().allowed());
    assertThat(most).hasValue(2);
    assertThat(BackendTrial.stats(http).allowed()).isEqualTo(20);
  }

  @Test
  void noMoreQuestionsWaitThanMayWait() {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  arrived.countDown();
                  BackendTrial.await(released);
                  RealBackend.send(exchange, 200, YES.getBytes(StandardCharsets.UTF_8));
                }));
    HttpBackend http = trial.asking(Routes.to(backend.uri()).atMost(1, 0).config());
    CompletableFuture<Verdict> first = http.ask(Fakes.publish(1));
    BackendTrial.await(arrived);

    assertThat(http.ask(Fakes.publish(2)).join().allowed()).isFalse();
    released.countDown();
    assertThat(first.join().allowed()).isTrue();
    assertThat(BackendTrial.stats(http).circuit()).as("its fault it was not").isEqualTo("closed");
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
  }

  @Test
  void theCircuitOpensAndClosesAgain() {
    RealBackend backend = trial.open(new RealBackend(0, RealBackend.with(500, "")));
    HttpBackend http =
        trial.asking(
            Routes.to(backend.uri())
                .circuit(new CircuitConfig(4, 4, 50, Duration.ofSeconds(5), 2))
                .config());

    for (int i = 0; i < 4; i++) {
      var _ = http.ask(Fakes.publish(i)).join();
    }
    assertThat(BackendTrial.stats(http).circuit()).isEqualTo("open");
    assertThat(http.ask(Fakes.publish(5)).join().allowed()).isFalse();
    assertThat(backend.asked()).hasSize(4);
    assertThat(BackendTrial.stats(http).shortCircuited()).isEqualTo(1);

    trial.passes(Duration.ofSeconds(6));
    var _ = http.ask(Fakes.publish(6)).join();
    var _ = http.ask(Fakes.publish(7)).join();
    assertThat(backend.asked()).as("tried").hasSize(6);
    assertThat(BackendTrial.stats(http).circuit()).as("no better").isEqualTo("open");

    backend.answer(RealBackend.with(200, YES));
    trial.passes(Duration.ofSeconds(6));
    assertThat(http.ask(Fakes.publish(8)).join().allowed()).isTrue();
    assertThat(BackendTrial.stats(http).circuit()).isEqualTo("half_open");
    assertThat(http.ask(Fakes.publish(9)).join().allowed()).isTrue();
    assertThat(BackendTrial.stats(http).circuit()).isEqualTo("closed");
    BackendTrial.assertEveryQuestionEndedOnce(http);
    assertThat(trial.log().lines()).anyMatch(line -> line.contains("circuit open"));
    assertThat(trial.log().lines()).anyMatch(line -> line.contains("circuit closed"));
  }

  @Test
  void manyFailuresAreFewLinesInTheLog() {
    HttpBackend http =
        trial.asking(
            Routes.to(trial.answering("hunter2").uri())
                .circuit(new CircuitConfig(1000, 1000, 100, Duration.ofSeconds(5), 1))
                .config());

    for (int i = 0; i < 50; i++) {
      var _ = http.ask(Fakes.publish(i)).join();
    }

    assertThat(BackendTrial.stats(http).failed()).isEqualTo(50);
    assertThat(
            trial.log().lines().stream()
                .filter(line -> line.startsWith("backend routes[0]"))
                .count())
        .isBetween(1L, 10L);
  }

  // --- notices

  @Test
  void aDisconnectIsToldAgainWithTheSameIdUntilItIsHeard() {
    RealBackend backend = trial.open(new RealBackend(0, RealBackend.with(503, "")));
    trial.inAPause(() -> {
      trial.passes(Duration.ofSeconds(1));
      if (trial.pauses().size() == 2) {
        backend.answer(RealBackend.with(204, ""));
      }
    });
    HttpBackend http = trial.asking(backend);

    var _ = http.ask(new Question.Disconnect(Fakes.ALICE, "transport close")).join();

    assertThat(trial.pauses()).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(5));
    assertThat(backend.asked()).hasSize(3);
    assertThat(backend.asked())
        .extracting(RealBackend.Asked::id)
        .containsOnly(backend.asked().getFirst().id());
    assertThat(backend.asked())
        .extracting(RealBackend.Asked::text)
        .containsOnly(backend.asked().getFirst().text());
    assertThat(backend.asked())
        .as("each attempt has its own time")
        .extracting(RealBackend.Asked::timestamp)
        .doesNotHaveDuplicates();
    assertThat(BackendTrial.stats(http).allowed()).isEqualTo(1);
    BackendTrial.assertEveryQuestionEndedOnce(http);
  }

  @Test
  void aDisconnectNobodyHearsIsGivenUp() {
    RealBackend backend = trial.open(new RealBackend(0, RealBackend.with(503, "")));
    HttpBackend http = trial.asking(backend);

    var _ = http.ask(new Question.Disconnect(Fakes.ALICE, "transport close")).join();

    assertThat(backend.asked()).hasSize(4);
    assertThat(BackendTrial.stats(http).failed()).isEqualTo(1);
    BackendTrial.assertEveryQuestionEndedOnce(http);
  }

  // --- the end

  @Test
  void whatIsUnderWayIsAnsweredBeforeADrainEnds() throws InterruptedException {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (exchange, _) -> {
                  arrived.countDown();
                  BackendTrial.await(released);
                  RealBackend.send(exchange, 200, YES.getBytes(StandardCharsets.UTF_8));
                }));
    HttpBackend http = trial.asking(backend);
    CompletableFuture<Verdict> underWay = http.ask(Fakes.publish(1));
    BackendTrial.await(arrived);

    http.drain(Duration.ZERO); // takes no more
    assertThat(http.ask(Fakes.publish(2)).join().allowed()).isFalse();
    released.countDown();
    http.drain(Duration.ofMinutes(1));

    assertThat(underWay).isCompletedWithValue(Verdict.ALLOWED);
  }

  @Test
  void aClosedBackendAnswersWithThePolicy() {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    RealBackend backend =
        trial.open(
            new RealBackend(
                0,
                (_, _) -> {
                  arrived.countDown();
                  BackendTrial.await(never);
                }));
    HttpBackend http = trial.asking(backend);
    CompletableFuture<Verdict> underWay = http.ask(Fakes.publish(1));
    BackendTrial.await(arrived);

    http.close();

    assertThat(underWay.join().allowed()).isFalse();
    assertThat(http.ask(Fakes.publish(2)).join().allowed()).isFalse();
    assertThat(http.decide(Fakes.publish(3)).allowed()).isFalse();
    never.countDown();
  }
}
