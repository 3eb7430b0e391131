package dev.parley.toolcall;

import static dev.parley.toolcall.ToolServer.answer;
import static dev.parley.toolcall.ToolServer.writeAndClose;
import static dev.parley.toolcall.ToolServer.writeAndHang;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.conversation.run.ToolCall;
import dev.parley.conversation.run.ToolOutcome;
import dev.parley.conversation.run.ToolOutcome.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls, trying again, bounds and the end. */
final class HttpToolBackendTest {
  private static final ToolOutcome SUNNY = new ToolOutcome.Result("{\"sky\": \"blue\"}");
  private static final String SKY = "{\"sky\": \"blue\"}";
  private final Trial trial = new Trial();

  @AfterEach
  void close() throws Exception {
    trial.close();
  }

  // --- calls

  @Test
  void aResultIsWhatTheToolWroteByteForByte() {
    String odd = " {\"n\": 1.10, \"n\": \"\\u00fc ü\"}\n";
    HttpToolBackend tools = trial.calling(trial.server(answer(200, odd)));

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result(odd));
    assertThat(tools.stats()).isEqualTo(new ToolStats(1, 1, 0, 0, 0, 1));
  }

  @Test
  void aCallSaysWhoCallsWhatForWhom() {
    ToolServer server = trial.server(answer(200, SKY));
    ToolCall call = Trial.call("{\"city\": \"Köln\", \"n\": 1.10}");

    var _ = trial.calling(server).call(call).join();

    assertThat(server.asked().getFirst().body())
        .isEqualTo(
            "{\"id\":\""
                + CallJson.id(call)
                + "\",\"kind\":\"tool\",\"conversation\":\"talk\",\"run\":\"run-1\",\"call\":\"call_0\","
                + "\"name\":\"weather\",\"arguments\":{\"city\": \"Köln\", \"n\": 1.10},"
                + "\"person\":\"alice\",\"persona\":{\"id\":\"guide\",\"version\":3}}");
  }

  @Test
  void aCallIsSignedAsStandardWebhooksSay() throws Exception {
    ToolServer server = trial.server(answer(200, SKY));

    var _ = trial.calling(server).call(Trial.call("{\"city\":\"Köln\"}")).join();

    ToolServer.Asked asked = server.asked().getFirst();
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] key = Base64.getDecoder().decode(Trial.SECRET.substring("whsec_".length()));
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    String signed =
        asked.header("webhook-id") + "." + asked.header("webhook-timestamp") + "." + asked.body();
    assertThat(asked.header("webhook-signature"))
        .isEqualTo(
            "v1,"
                + Base64.getEncoder()
                    .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
    assertThat(asked.header("webhook-timestamp"))
        .isEqualTo(Long.toString(trial.now().getEpochSecond()));
    assertThat(asked.header("idempotency-key")).isEqualTo(asked.header("webhook-id"));
    assertThat(asked.header("parley-attempt")).isEqualTo("1");
    assertThat(asked.header("content-type")).isEqualTo("application/json");
  }

  @Test
  void aToolThatTakesLongIsPending() {
    HttpToolBackend tools = trial.calling(trial.server(answer(202, "")));

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Pending());
    assertThat(tools.stats().pending()).isEqualTo(1);
  }

  @Test
  void aToolWithNothingToSaySaysNull() {
    HttpToolBackend tools =
        trial.calling(trial.server(ToolServer.write("HTTP/1.1 204 No\r\n\r\n")));

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(new ToolOutcome.Result("null"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hunter2", "[1]", "{\"a\":", "{} {}", "{\"a\":\"\ud800\"}", "{\"a\":NaN}"})
  void argumentsThatAreNoObjectAreNotSent(String arguments) {
    ToolServer server = trial.server(answer(200, SKY));

    ToolOutcome outcome = trial.calling(server).call(Trial.call(arguments)).join();

    Trial.assertFailed(outcome, Reason.BAD_ARGUMENTS);
    assertThat(server.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  "})
  void noArgumentsAreAnEmptyObject(String arguments) {
    ToolServer server = trial.server(answer(200, SKY));

    assertThat(trial.calling(server).call(Trial.call(arguments)).join()).isEqualTo(SUNNY);
    assertThat(server.asked().getFirst().body()).contains("\"arguments\":{},");
  }

  // --- trying again

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void whatFailedIsSentAgainWithTheSameIdAndBytes(int status) {
    ToolServer server =
        trial.server(answer(status, "hunter2"), answer(status, ""), answer(200, SKY));
    HttpToolBackend tools = trial.calling(server);

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(SUNNY);

    assertThat(trial.pauses()).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
    List<ToolServer.Asked> asked = server.asked();
    assertThat(asked).hasSize(3);
    assertThat(asked).extracting(ToolServer.Asked::body).containsOnly(asked.getFirst().body());
    assertThat(asked)
        .extracting(each -> each.header("idempotency-key"))
        .containsOnly(CallJson.id(Trial.call("{}")));
    assertThat(asked)
        .as("each is signed anew")
        .extracting(each -> each.header("webhook-timestamp"))
        .doesNotHaveDuplicates();
    assertThat(asked)
        .extracting(each -> each.header("parley-attempt"))
        .containsExactly("1", "2", "3");
    assertThat(tools.stats()).isEqualTo(new ToolStats(1, 1, 0, 0, 0, 3));
  }

  @Test
  void whatNeverGoesWellIsGivenUp() {
    ToolServer server = trial.server(answer(500, "hunter2"));

    ToolOutcome outcome = trial.calling(server).call(Trial.call("{}")).join();

    assertThat(outcome)
        .isEqualTo(
            new ToolOutcome.Failed(
                Reason.UNAVAILABLE, "the tool's server failed (status 500)", true));
    assertThat(server.asked()).hasSize(4);
    assertThat(trial.log()).anyMatch(line -> line.contains("weather: the tool's server failed"));
  }

  @Test
  void aServerThatSaysWhenToComeBackIsLeftAloneUntilThen() {
    ToolServer server =
        trial.server(
            answer(429, "Retry-After: 3\r\n", ""),
            answer(503, "retry-after: Sun, 22 Nov 2026 05:00:14 GMT\r\n", ""),
            answer(503, "retry-after: soon\r\n", ""),
            answer(200, SKY));

    assertThat(trial.calling(server).call(Trial.call("{}")).join()).isEqualTo(SUNNY);

    assertThat(trial.pauses())
        .containsExactly(
            Duration.ofMillis(3_100), // and the clock has moved by a second more
            Duration.ofMillis(9_900 + 200),
            Duration.ofMillis(400));
  }

  @Test
  void aServerThatWantsMoreTimeThanThereIsIsNotWaitedFor() {
    ToolServer server = trial.server(answer(429, "retry-after: 31\r\n", ""));

    ToolOutcome outcome = trial.calling(server).call(Trial.call("{}")).join();

    Trial.assertFailed(outcome, Reason.OVERLOADED);
    assertThat(server.asked()).hasSize(1);
    assertThat(trial.pauses()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 408, 409, 410, 422, 499})
  void whatIsRefusedIsNotSentAgain(int status) {
    ToolServer server = trial.server(answer(status, "{\"error\":\"hunter2\"}"));

    Trial.assertFailed(trial.calling(server).call(Trial.call("{}")).join(), Reason.REFUSED);
    assertThat(server.asked()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirectsAreNotFollowed(int status) {
    ToolServer elsewhere = trial.server(answer(200, SKY));
    ToolServer server = trial.server(answer(status, "location: " + elsewhere.uri() + "\r\n", SKY));

    Trial.assertFailed(trial.calling(server).call(Trial.call("{}")).join(), Reason.REDIRECTED);
    assertThat(server.asked()).hasSize(1);
    assertThat(elsewhere.asked()).isEmpty();
  }

  @Test
  void aToolRunsOnceThoughItsAnswerWasLost() {
    Map<String, String> done = new ConcurrentHashMap<>();
    AtomicInteger runs = new AtomicInteger();
    ToolServer.Reaction work =
        (asked, connection) -> {
          String result =
              done.computeIfAbsent(
                  asked.header("idempotency-key"), _ -> "{\"run\":" + runs.incrementAndGet() + "}");
          if (asked.header("parley-attempt").equals("1")) {
            connection.close();
          } else {
            answer(200, result).to(asked, connection);
          }
        };
    HttpToolBackend tools = trial.calling(trial.server(work));

    assertThat(tools.call(Trial.call("{}")).join())
        .isEqualTo(new ToolOutcome.Result("{\"run\":1}"));
    assertThat(tools.call(Trial.call("run-1", "call_0", "{}", 2)).join())
        .as("taken up by another process")
        .isEqualTo(new ToolOutcome.Result("{\"run\":1}"));
    assertThat(runs).hasValue(1);
  }

  @Test
  void aServerThatRestartsIsCalledOnceItListens() throws Exception {
    ToolServer before = trial.server(answer(200, SKY));
    int port = before.port();
    before.close();
    trial.inAPause(() -> {
      if (trial.pauses().size() == 2) {
        var _ = trial.open(new ToolServer(port, answer(200, SKY)));
      }
    });
    HttpToolBackend tools =
        trial.calling(Trial.config(ToolServer.uri(port), Duration.ofSeconds(30)));

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(SUNNY);
    assertThat(trial.pauses()).hasSize(2);
  }

  @Test
  void whereNobodyListensIsGivenUp() throws Exception {
    ToolServer before = trial.server(answer(200, SKY));
    before.close();

    ToolOutcome outcome = trial.calling(before).call(Trial.call("{}")).join();

    Trial.assertFailed(outcome, Reason.UNAVAILABLE);
    assertThat(trial.pauses()).hasSize(3);
  }

  // --- bounds

  @Test
  void noMoreCallsAreUnderWayThanMayBe() {
    AtomicInteger flying = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch arrived = new CountDownLatch(2);
    CountDownLatch released = new CountDownLatch(1);
    ToolServer server =
        trial.server((asked, connection) -> {
          most.accumulateAndGet(flying.incrementAndGet(), Math::max);
          arrived.countDown();
          pass(released);
          flying.decrementAndGet();
          answer(200, SKY).to(asked, connection);
        });
    HttpToolBackend tools = trial.calling(bounded(server, 2, 100));

    List<CompletableFuture<ToolOutcome>> called =
        IntStream.range(0, 20)
            .mapToObj(i -> tools.call(Trial.call("run-1", "call_" + i, "{}", 1)))
            .toList();
    pass(arrived);
    released.countDown();

    assertThat(called).allMatch(each -> each.join().equals(SUNNY));
    assertThat(most).hasValue(2);
  }

  @Test
  void noMoreCallsWaitThanMayWait() {
    ToolServer server = trial.server(writeAndHang(""));
    HttpToolBackend tools = trial.calling(bounded(server, 1, 0));
    CompletableFuture<ToolOutcome> first = tools.call(Trial.call("{}"));
    await().until(() -> server.asked().size() == 1);

    Trial.assertFailed(tools.call(Trial.call("{}")).join(), Reason.OVERLOADED);
    assertThat(first).isNotDone();
  }

  private static ToolsConfig bounded(ToolServer server, int inFlight, int waiting) {
    return new ToolsConfig(
        server.uri(), Trial.SECRET, null, Duration.ofMinutes(1), 4, 1 << 20, inFlight, waiting);
  }

  private static void pass(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // --- the end

  @Test
  void aCallThatIsGivenUpClosesItsConnection() {
    ToolServer server = trial.server(writeAndHang("HTTP/1.1 200 OK\r\n"));
    HttpToolBackend tools = trial.calling(server);
    CompletableFuture<ToolOutcome> call = tools.call(Trial.call("{}"));
    await().until(() -> server.asked().size() == 1);

    call.cancel(false);

    await().until(() -> server.open() == 0);
    assertThat(tools.stats()).isEqualTo(new ToolStats(1, 0, 0, 0, 1, 1));
  }

  @Test
  void aClosedBackendSaysNothingOfTheCallsUnderWay() {
    ToolServer server = trial.server(writeAndHang(""));
    HttpToolBackend tools = trial.calling(server);
    CompletableFuture<ToolOutcome> call = tools.call(Trial.call("{}"));
    await().until(() -> server.asked().size() == 1);

    tools.close();

    await().until(call::isCancelled);
    assertThat(tools.call(Trial.call("{}"))).isCancelled();
    assertThat(tools.stats().givenUp()).isEqualTo(2);
  }

  @Test
  void aConnectionIsUsedAgain() {
    ToolServer server = trial.server(answer(200, SKY));
    HttpToolBackend tools = trial.calling(server);

    for (int i = 0; i < 20; i++) {
      assertThat(tools.call(Trial.call("run-1", "call_" + i, "{}", 1)).join()).isEqualTo(SUNNY);
    }

    assertThat(server.accepted()).isEqualTo(1);
  }

  @Test
  void aKeptConnectionThatTheServerHasClosedIsMadeAnew() {
    ToolServer server =
        trial.server(
            writeAndClose("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n" + SKY), answer(200, SKY));
    HttpToolBackend tools = trial.calling(server);

    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(SUNNY);
    assertThat(tools.call(Trial.call("{}")).join()).isEqualTo(SUNNY);
  }
}
