package dev.parley.wire.durable.subscription;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.PathPattern;
import dev.parley.stream.Payload;
import dev.parley.stream.Store;
import dev.parley.stream.StreamInfo;
import dev.parley.stream.StreamPath;
import dev.parley.stream.StreamSpec;
import dev.parley.wire.durable.ForwardingStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(60)
class SubscriptionAgentTest {
  private static final StreamPath STREAM = StreamPath.of("events/a");
  private static final StreamPath WAKES = StreamPath.of("wake/pool");
  private static final long START = 1_700_000_000_000L;

  @TempDir Path folder;

  private final AtomicLong now = new AtomicLong(START);
  private final InstantSource clock = () -> Instant.ofEpochMilli(now.get());
  private final Semaphore asked = new Semaphore(0);
  private final AtomicReference<CompletableFuture<?>> beforeHeads =
      new AtomicReference<>(CompletableFuture.completedFuture(null));
  private final Store store =
      new ForwardingStore(new MemoryStore()) {
        @Override
        public CompletableFuture<Optional<StreamInfo>> head(StreamPath path) {
          CompletableFuture<?> before = beforeHeads.get();
          return super.head(path)
              .thenCompose(info -> {
                asked.release();
                return before.thenApply(_ -> info);
              });
        }
      };
  private final AtomicReference<@Nullable SubscriptionAgent> listening = new AtomicReference<>();
  private final BlockingQueue<JsonNode> hooks = new LinkedBlockingQueue<>();
  private volatile int hookStatus = 200;
  private volatile String hookAnswer = "{}";
  private HttpServer receiver;
  private SubscriptionAgent agent;
  private SubscriptionDesk desk;

  @BeforeEach
  void start() throws IOException {
    store.onCommit(commits -> {
      SubscriptionAgent current = listening.get();
      if (current != null) {
        current.onCommitted(commits);
      }
    });
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          hooks.add(Json.parse(exchange.getRequestBody().readAllBytes()));
          byte[] answer = hookAnswer.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(hookStatus, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    receiver.start();
    startAgent(16_384);
  }

  private void startAgent(int mailbox) {
    SubscriptionConfig config =
        new SubscriptionConfig(
            PrivateTargets.LOOPBACK, 10, 10, mailbox, 4, Duration.ofSeconds(10), null);
    agent =
        new SubscriptionAgent(
            store, store::append, config, new Secrets(folder.resolve("keys.json")), clock);
    desk = new SubscriptionDesk(agent);
    listening.set(agent);
    agent.start();
  }

  private void restart() {
    listening.set(null);
    agent.close();
    startAgent(16_384);
  }

  @AfterEach
  void stop() {
    agent.close();
    store.close();
    receiver.stop(0);
  }

  private interface Command {
    void run(SubscriptionDesk.Answer answer) throws IOException;
  }

  private record Answered(int status, ObjectNode body) {}

  private Answered ask(Command command) {
    CompletableFuture<Answered> answered = new CompletableFuture<>();
    SubscriptionDesk.Answer answer =
        new SubscriptionDesk.Answer() {
          @Override
          public void send(int status, @Nullable ObjectNode body) {
            answered.complete(new Answered(status, body == null ? Json.object() : body));
          }

          @Override
          public void refuse(ApiError error) {
            answered.complete(
                new Answered(error.code.status, Json.object().put("code", error.code.name())));
          }
        };
    agent.submit(() -> SubscriptionDesk.guarded(answer, () -> command.run(answer)));
    return answered.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private Answered create(WakeTarget target) {
    Definition definition =
        new Definition("sub", PathPattern.of("events/*"), List.of(), target, 30_000, null);
    return ask(answer -> desk.create(definition, "http://localhost", answer));
  }

  private WakeTarget webhook() {
    return new WakeTarget.Webhook(
        URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/hook"));
  }

  private void createStream(StreamPath path, String... messages) {
    StreamSpec spec =
        new StreamSpec(
            "application/json",
            -1,
            -1,
            false,
            null,
            List.of(messages).stream()
                .map(text -> Payload.of(text.getBytes(StandardCharsets.UTF_8)))
                .toList());
    store.create(path, spec).join();
  }

  private void append() {
    store.append(STREAM, Append.of("1".getBytes(StandardCharsets.UTF_8))).join();
  }

  private JsonNode nextHook() throws InterruptedException {
    JsonNode hook = hooks.poll(10, TimeUnit.SECONDS);
    assertThat(hook).isNotNull();
    return hook;
  }

  private JsonNode view() {
    return ask(answer -> desk.get("sub", "http://localhost", answer)).body();
  }

  @Test
  void existingStreamsAreLinkedAtTheirTailAndWakeNobody() {
    createStream(STREAM, "1", "2");

    assertThat(create(webhook()).status()).isEqualTo(201);

    JsonNode link = view().path("streams").path(0);
    assertThat(link.path("path").stringValue()).isEqualTo("events/a");
    assertThat(link.path("acked_offset").stringValue()).endsWith("_0000000000000002");
    assertThat(hooks).isEmpty();
  }

  @Test
  void aStreamIsFoundHoweverManyComeBeforeIt() {
    int others = 20_500;
    CompletableFuture<?>[] created = new CompletableFuture<?>[others];
    for (int i = 0; i < others; i++) {
      created[i] = store.create(StreamPath.of("events/" + i), StreamSpec.of("text/plain"));
    }
    CompletableFuture.allOf(created).join();
    createStream(StreamPath.of("events/z/last"), "1");
    Definition definition =
        new Definition("sub", PathPattern.of("events/*/last"), List.of(), webhook(), 30_000, null);

    ask(answer -> desk.create(definition, "http://localhost", answer));

    assertThat(view().path("streams").path(0).path("path").stringValue())
        .isEqualTo("events/z/last");
  }

  @Test
  void whatIsAppendedWhileItsStreamIsLookedUpWakes() throws InterruptedException {
    createStream(STREAM, "1");
    view(); // by now it has read what was stored
    asked.drainPermits();
    CompletableFuture<@Nullable Void> gate = new CompletableFuture<>();
    beforeHeads.set(gate);
    Definition definition =
        new Definition("sub", null, List.of("events/a"), webhook(), 30_000, null);
    CompletableFuture<Answered> created =
        CompletableFuture.supplyAsync(
            () -> ask(answer -> desk.create(definition, "http://localhost", answer)));
    asked.acquireUninterruptibly();
    append(); // the state that was read is from before
    gate.complete(null);

    assertThat(created.join().status()).isEqualTo(201);
    JsonNode stream = nextHook().path("streams").path(0);
    assertThat(stream.path("acked_offset").stringValue()).endsWith("_0000000000000001");
    assertThat(stream.path("tail_offset").stringValue()).endsWith("_0000000000000002");
  }

  @Test
  void aStreamWhoseLinkGaveWayToAnotherIsFoundAgain() throws InterruptedException {
    hookAnswer = "{\"done\":true}";
    for (int i = 0; i < 10; i++) { // as many as a subscription may be linked to
      createStream(StreamPath.of("events/" + i), "1");
    }
    create(webhook());
    listening.set(null);
    agent.close();
    createStream(StreamPath.of("events/new"), "1");
    store.append(StreamPath.of("events/0"), Append.of(new byte[] {'2'})).join();

    startAgent(16_384);

    Set<String> woken = new HashSet<>();
    while (!woken.containsAll(Set.of("events/new", "events/0"))) {
      for (JsonNode stream : nextHook().path("streams")) {
        if (stream.path("has_pending").booleanValue()) {
          woken.add(stream.path("path").stringValue());
        }
      }
    }
    assertThat(woken).hasSize(2);
  }

  @Test
  void aLookUpThatTakesLongHoldsUpNobodyElse() {
    createStream(WAKES);
    create(new WakeTarget.PullWake(WAKES));
    CompletableFuture<@Nullable Void> gate = new CompletableFuture<>();
    beforeHeads.set(gate);
    AtomicReference<@Nullable Integer> linked = new AtomicReference<>();
    agent.submit(() ->
        desk.addStreams(
            "sub",
            List.of("other/stream"),
            new SubscriptionDesk.Answer() {
              @Override
              public void send(int status, @Nullable ObjectNode body) {
                linked.set(status);
              }

              @Override
              public void refuse(ApiError error) {
                linked.set(error.code.status);
              }
            }));

    assertThat(view().path("streams").size()).isZero();
    assertThat(linked.get()).isNull();
    gate.complete(null);
    while (linked.get() == null) {
      Thread.onSpinWait();
    }

    assertThat(linked.get()).isEqualTo(204);
    assertThat(view().path("streams").path(0).path("path").stringValue()).isEqualTo("other/stream");
  }

  @Test
  void theSameDefinitionSentTwiceAtOnceIsOneSubscription() {
    createStream(WAKES);
    CompletableFuture<@Nullable Void> gate = new CompletableFuture<>();
    beforeHeads.set(gate);
    Definition definition =
        new Definition(
            "sub", null, List.of("events/a"), new WakeTarget.PullWake(WAKES), 30_000, null);
    List<CompletableFuture<Answered>> both = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      both.add(
          CompletableFuture.supplyAsync(
              () -> ask(answer -> desk.create(definition, "http://localhost", answer))));
    }
    gate.complete(null);

    assertThat(both.stream().map(answered -> answered.join().status()))
        .containsExactlyInAnyOrder(201, 200);
  }

  @Test
  void aRetryKeepsItsWakeAndItsTimeAcrossARestart() throws InterruptedException {
    hookStatus = 500;
    create(webhook());
    createStream(STREAM, "1");
    JsonNode first = nextHook();
    while (!view().path("status").stringValue().equals("failed")) {
      Thread.onSpinWait(); // the failure is on its way to the agent
    }

    restart();
    assertThat(view().path("status").stringValue()).isEqualTo("failed");
    now.set(START + 799);
    view();
    assertThat(hooks).isEmpty();
    hookStatus = 200;
    now.set(START + 1_200);
    view();

    JsonNode second = nextHook();
    assertThat(second.path("wake_id")).isEqualTo(first.path("wake_id"));
    assertThat(second.path("generation")).isEqualTo(first.path("generation"));
  }

  @Test
  void whatWasAppendedWhileNobodyListenedWakesAfterARestart() throws InterruptedException {
    hookAnswer = "{\"done\":true}";
    create(webhook());
    listening.set(null);
    agent.close();
    createStream(STREAM, "1", "2");

    startAgent(16_384);

    JsonNode stream = nextHook().path("streams").path(0);
    assertThat(stream.path("path").stringValue()).isEqualTo("events/a");
    assertThat(stream.path("acked_offset").stringValue()).endsWith("_0000000000000000");
    assertThat(stream.path("tail_offset").stringValue()).endsWith("_0000000000000002");
  }

  @Test
  void acknowledgedCursorsSurviveARestart() throws InterruptedException {
    hookAnswer = "{\"done\":true}";
    create(webhook());
    createStream(STREAM, "1", "2");
    nextHook();
    while (!view().path("streams").path(0).path("acked_offset").stringValue().endsWith("2")) {
      Thread.onSpinWait();
    }

    restart();

    assertThat(view().path("streams").path(0).path("acked_offset").stringValue())
        .endsWith("_0000000000000002");
    append();
    assertThat(nextHook().path("generation").longValue()).isEqualTo(2);
  }

  @Test
  void changesThatFoundNoRoomAreReadFromTheFeed() throws InterruptedException {
    listening.set(null);
    agent.close();
    startAgent(16);
    createStream(STREAM, "1");
    create(webhook());
    CompletableFuture<@Nullable Void> hold = new CompletableFuture<>();
    agent.submit(hold::join);
    for (int i = 0; i < 40; i++) {
      append();
    }
    hold.complete(null);

    JsonNode stream = nextHook().path("streams").path(0);
    assertThat(stream.path("acked_offset").stringValue()).endsWith("_0000000000000001");
  }

  @Test
  void aClaimSurvivesARestartAndItsTokenStillAcknowledges() {
    createStream(WAKES);
    create(new WakeTarget.PullWake(WAKES));
    createStream(STREAM, "1");
    JsonNode claim = ask(answer -> desk.claim("sub", "one", answer)).body();

    restart();

    assertThat(ask(answer -> desk.claim("sub", "two", answer)).status()).isEqualTo(409);
    String offset = claim.path("streams").path(0).path("tail_offset").stringValue();
    ObjectNode report =
        Json.object()
            .put("wake_id", claim.path("wake_id").stringValue())
            .put("generation", claim.path("generation").longValue())
            .put("done", true);
    report.putArray("acks").addObject().put("stream", "events/a").put("offset", offset);
    Answered acked =
        ask(answer ->
            desk.ack(
                "sub",
                claim.path("token").stringValue(),
                Bodies.report(Json.bytes(report)),
                answer));
    assertThat(acked.status()).isEqualTo(200);
    assertThat(acked.body().path("next_wake").booleanValue()).isFalse();
    assertThat(view().path("streams").path(0).path("acked_offset").stringValue()).isEqualTo(offset);
  }

  @Test
  void anUnclaimedWakeIsAnnouncedAgainAfterARestart() {
    createStream(WAKES);
    create(new WakeTarget.PullWake(WAKES));
    createStream(STREAM, "1");
    view();

    restart();
    view();

    assertThat(store.head(WAKES).join().orElseThrow().tail()).isGreaterThanOrEqualTo(1);
    assertThat(
            ask(answer -> desk.claim("sub", "one", answer)).body().path("generation").longValue())
        .isEqualTo(1);
  }

  @Test
  void aDeletedSubscriptionIsGoneForItsTokensAndAfterARestart() {
    createStream(WAKES);
    create(new WakeTarget.PullWake(WAKES));
    createStream(STREAM, "1");
    ask(answer -> desk.claim("sub", "one", answer));

    assertThat(ask(answer -> desk.delete("sub", answer)).status()).isEqualTo(204);
    restart();

    assertThat(ask(answer -> desk.claim("sub", "one", answer)).body().path("code").stringValue())
        .isEqualTo("SUBSCRIPTION_NOT_FOUND");
  }
}
