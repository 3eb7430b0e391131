package dev.parley.provider;

import static dev.parley.provider.FakeUpstream.chunk;
import static dev.parley.provider.FakeUpstream.head;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.provider.http.UpstreamConfig;
import dev.parley.provider.openai.ChatCompletions;
import dev.parley.provider.openai.ChatOptions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stops come from the test's thread, which is never the reply's. */
final class StopTest {
  private static final int ROUNDS = 200;
  private static final Prompt HELLO = Prompt.of("m", PromptTurn.user("hello"));
  private static final String TOKEN =
      chunk("data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":null}]}\n\n");
  private static final String END =
      "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n";
  private static final String ALL = FakeUpstream.chunked(END, "data: [DONE]\n\n");
  private static final String FINISH = chunk(END) + chunk("data: [DONE]\n\n");
  private static final String LAST_CHUNK = "0\r\n\r\n";

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final FakeUpstream upstream = new FakeUpstream();
  private final TestEndpoint endpoint =
      new TestEndpoint(
          UpstreamConfig.of(upstream.base()).withConnections(1, 1),
          new ChatCompletions(ChatOptions.COMPATIBLE));

  @AfterEach
  void close() {
    endpoint.close();
    upstream.close();
  }

  private static void speak(FakeUpstream.Client client) {
    if (client.ctx().channel().isActive()) {
      client.send(TOKEN).later(1, () -> speak(client));
    }
  }

  /** As long as it takes to be anywhere between the request and the first tokens. */
  private void dawdle() {
    long until = System.nanoTime() + random.nextInt(3_000_000);
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  private void stopAnywhere(Provider provider) {
    for (int round = 0; round < ROUNDS; round++) {
      String as = "seed " + seed + ", round " + round;
      Recorded reply = new Recorded();
      Generation generation = provider.generate(HELLO, reply);
      dawdle();
      generation.stop();
      endpoint.settle();
      int heard = reply.deltas().size();
      await().pollInterval(Duration.ofMillis(1)).until(() -> upstream.open() == 0);
      assertThat(reply.deltas()).as(as).hasSize(heard);
      assertThat(reply.ended()).as(as).isFalse();
    }
  }

  /** With room for one: a connection that were not given back would be the last. */
  private void answersStill(Provider provider) {
    upstream.answering((body, client) -> client.send(ALL));
    Recorded reply = new Recorded();
    Generation _ = provider.generate(HELLO, reply);
    assertThat(reply.finished()).as("seed %s", seed).isNotNull();
  }

  @Test
  void stopAtAnyMomentIsTheLastWordAndGivesTheConnectionUp() {
    upstream.answering((body, client) -> speak(client.send(head())));
    EndpointProvider provider = endpoint.provider(EndpointConfig.DEFAULT);
    stopAnywhere(provider);
    answersStill(provider);
  }

  @Test
  void stopBetweenAttemptsIsTheLastWordToo() {
    upstream.answering((body, client) -> client.close());
    ResilienceConfig config =
        new ResilienceConfig(
            100,
            Duration.ofNanos(200_000),
            Duration.ofMillis(1),
            2,
            10_000,
            10_000,
            50,
            Duration.ofHours(1));
    ResilientProvider provider =
        new ResilientProvider(
            "chain",
            List.of(new Fallback(endpoint.provider(EndpointConfig.DEFAULT), "")),
            config,
            endpoint.loops());
    stopAnywhere(provider);
    answersStill(provider);
  }

  @Test
  void stopByWhoHearsItIsTheLastWord() {
    upstream.answering((body, client) -> client.send(head() + TOKEN + TOKEN).send(TOKEN));
    Stopping listener = new Stopping();
    Generation generation = endpoint.provider(EndpointConfig.DEFAULT).generate(HELLO, listener);
    listener.stops.complete(generation);
    listener.heard.orTimeout(10, TimeUnit.SECONDS).join();
    await().until(() -> upstream.open() == 0);
    endpoint.settle();
    assertThat(listener.calls).hasValue(1);
  }

  @Test
  void whoLetsGoOfAReplyAsItEndsLeavesItsConnectionToTheNext() {
    upstream.answering(
        (body, client) -> client.send(head() + FINISH).later(20, () -> client.send(LAST_CHUNK)));
    EndpointProvider provider = endpoint.provider(EndpointConfig.DEFAULT);
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Generation> generation = new CompletableFuture<>();
      CompletableFuture<Ending> ending = new CompletableFuture<>();
      generation.complete(
          provider.generate(
              HELLO,
              new Provider.Listener() {
                @Override
                public void onDelta(Delta delta) {}

                @Override
                public void onEnd(Ending how) {
                  generation.join().stop();
                  ending.complete(how);
                }
              }));
      assertThat(ending.orTimeout(10, TimeUnit.SECONDS).join()).isInstanceOf(Ending.Finished.class);
    }
    assertThat(upstream.accepted()).as("connections").isEqualTo(1);
  }

  /** Stops its reply from within the first call. */
  private static final class Stopping implements Provider.Listener {
    final CompletableFuture<Generation> stops = new CompletableFuture<>();
    final CompletableFuture<Void> heard = new CompletableFuture<>();
    final AtomicInteger calls = new AtomicInteger();

    @Override
    public void onDelta(Delta delta) {
      calls.incrementAndGet();
      stops.join().stop();
      heard.complete(null);
    }

    @Override
    public void onEnd(Ending ending) {
      calls.incrementAndGet();
    }
  }
}
