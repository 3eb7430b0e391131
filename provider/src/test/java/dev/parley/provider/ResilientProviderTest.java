package dev.parley.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.ModelRef;
import dev.parley.conversation.Usage;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Ending;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ResilientProviderTest {
  private static final Prompt HELLO = Prompt.of("m", PromptTurn.user("hello"));
  private static final ResilienceConfig CONFIG =
      new ResilienceConfig(
          3, Duration.ofMillis(100), Duration.ofSeconds(1), 2, 4, 4, 50, Duration.ofHours(1));

  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final List<Duration> pauses = new ArrayList<>();

  /** What one request is answered with. */
  @FunctionalInterface
  private interface Script {
    void accept(Provider.Listener listener);
  }

  /** Answers its requests one script after the other, the last one again and again. */
  private static final class Scripted implements Provider {
    final List<Prompt> asked = new ArrayList<>();
    private final String name;
    private final boolean continues;
    private final List<Script> scripts;
    int stopped;

    Scripted(String name, boolean continues, Script... scripts) {
      this.name = name;
      this.continues = continues;
      this.scripts = List.of(scripts);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public boolean continuesFromPrefix() {
      return continues;
    }

    @Override
    public Generation generate(Prompt prompt, Listener listener) {
      asked.add(prompt);
      scripts.get(Math.min(asked.size(), scripts.size()) - 1).accept(listener);
      return () -> stopped++;
    }
  }

  private static Script fails(Code code) {
    return listener -> listener.onEnd(new Ending.Failed(Failure.of(code, code.name())));
  }

  private static Script says(String text) {
    return listener -> {
      listener.onDelta(new Delta.Text(text));
      listener.onEnd(new Ending.Finished(FinishReason.STOP, Usage.NONE));
    };
  }

  private static Script dies(String after, Code code) {
    return listener -> {
      listener.onDelta(new Delta.Text(after));
      fails(code).accept(listener);
    };
  }

  private ResilientProvider chain(Provider... providers) {
    List<Fallback> chain =
        Arrays.stream(providers).map(provider -> new Fallback(provider, "")).toList();
    return new ResilientProvider(
        "chain",
        chain,
        CONFIG,
        (pause, what) -> {
          pauses.add(pause);
          waiting.add(what);
        });
  }

  private Recorded ask(ResilientProvider provider) {
    Recorded reply = new Recorded();
    provider.generate(HELLO, reply);
    for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
      next.run();
    }
    return reply;
  }

  @Test
  void beforeTheFirstTokenItIsTriedAgainWithGrowingPauses() {
    Scripted first =
        new Scripted("a", false, fails(Code.UPSTREAM), fails(Code.OVERLOADED), says("hi"));
    assertThat(ask(chain(first)).text()).isEqualTo("hi");
    assertThat(pauses).hasSize(2);
    assertThat(pauses.get(0)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    assertThat(pauses.get(1)).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
  }

  @Test
  void retryAfterIsHeardUnlessItIsTooLong() {
    Failure soon = new Failure(Code.RATE_LIMITED, "", true, Duration.ofMillis(700));
    Failure late = new Failure(Code.RATE_LIMITED, "", true, Duration.ofSeconds(60));
    Scripted first =
        new Scripted(
            "a",
            false,
            listener -> listener.onEnd(new Ending.Failed(soon)),
            listener -> listener.onEnd(new Ending.Failed(late)));
    Scripted second = new Scripted("b", false, says("hi"));
    assertThat(ask(chain(first, second)).text()).isEqualTo("hi");
    assertThat(pauses).containsExactly(Duration.ofMillis(700));
    assertThat(first.asked).hasSize(2);
  }

  @Test
  void whatWillNotHelpIsNotTriedAgainButTheNextIsAsked() {
    Scripted first = new Scripted("a", false, fails(Code.UNAUTHORIZED));
    Scripted second = new Scripted("b", false, says("hi"));
    ResilientProvider chain = chain(first, second);
    Recorded reply = ask(chain);
    assertThat(reply.text()).isEqualTo("hi");
    assertThat(reply.fallback()).isEqualTo(new ModelRef("b", "m"));
    assertThat(first.asked).hasSize(1);
    assertThat(pauses).isEmpty();
    assertThat(chain.stats().getLast())
        .isEqualTo(new LinkStats("b", LinkStats.Circuit.CLOSED, 0, 1, 0));
  }

  @Test
  void aBadRequestIsBadEverywhere() {
    Scripted second = new Scripted("b", false, says("hi"));
    Recorded reply = ask(chain(new Scripted("a", false, fails(Code.BAD_REQUEST)), second));
    assertThat(reply.failure().code()).isEqualTo(Code.BAD_REQUEST);
    assertThat(second.asked).isEmpty();
  }

  @Test
  void whatFailsTooOftenIsNotAskedForAWhile() {
    Scripted first = new Scripted("a", false, fails(Code.UPSTREAM));
    ResilientProvider chain = chain(first);
    assertThat(ask(chain).failure().code()).isEqualTo(Code.UPSTREAM);
    assertThat(ask(chain).failure().code()).isEqualTo(Code.CIRCUIT_OPEN);
    assertThat(first.asked).hasSize(4);
    assertThat(ask(chain).failure().code()).isEqualTo(Code.CIRCUIT_OPEN);
    assertThat(first.asked).hasSize(4);
    assertThat(chain.stats()).containsExactly(new LinkStats("a", LinkStats.Circuit.OPEN, 3, 0, 0));
  }

  @Test
  void aReplyThatDiesIsContinuedFromWhatItSaid() {
    Scripted first =
        new Scripted("a", true, dies("one, ", Code.DISCONNECTED), dies("two, ", Code.UPSTREAM));
    Scripted second = new Scripted("b", false, says("no"));
    Scripted third = new Scripted("c", true, says("three"));
    ResilientProvider chain =
        new ResilientProvider(
            "chain",
            List.of(new Fallback(first, ""), new Fallback(second, ""), new Fallback(third, "x")),
            new ResilienceConfig(
                2, Duration.ofMillis(1), Duration.ofMillis(2), 2, 9, 9, 50, Duration.ofHours(1)),
            (pause, what) -> waiting.add(what));
    Recorded reply = ask(chain);
    assertThat(reply.text()).isEqualTo("one, two, three");
    assertThat(first.asked.get(1).prefix()).isEqualTo("one, ");
    assertThat(third.asked).containsExactly(HELLO.with("x").continuing("one, two, "));
    assertThat(second.asked).isEmpty();
    assertThat(reply.fallback()).isEqualTo(new ModelRef("c", "x"));
    assertThat(chain.stats())
        .containsExactly(
            new LinkStats("a", LinkStats.Circuit.CLOSED, 0, 0, 1),
            new LinkStats("b", LinkStats.Circuit.CLOSED, 0, 0, 0),
            new LinkStats("c", LinkStats.Circuit.CLOSED, 0, 0, 1));
  }

  @Test
  void aReplyThatDiesWhereNobodyContinuesItFailsAndIsNeverSaidTwice() {
    Scripted first = new Scripted("a", false, dies("one", Code.DISCONNECTED));
    Scripted second = new Scripted("b", false, says("one"));
    Recorded reply = ask(chain(first, second));
    assertThat(reply.failure().code()).isEqualTo(Code.DISCONNECTED);
    assertThat(reply.text()).isEqualTo("one");
    assertThat(second.asked).isEmpty();
  }

  @Test
  void aReplyThatCallsAToolIsNotContinued() {
    Scripted first =
        new Scripted(
            "a",
            true,
            listener -> {
              listener.onDelta(new Delta.ToolCall(0, "c", "look"));
              fails(Code.DISCONNECTED).accept(listener);
            });
    assertThat(ask(chain(first)).failure().code()).isEqualTo(Code.DISCONNECTED);
    assertThat(first.asked).hasSize(1);
  }

  @Test
  void stopEndsTheAttemptUnderWayAndThoseToCome() {
    Scripted silent = new Scripted("a", false, listener -> {});
    Recorded reply = new Recorded();
    chain(silent).generate(HELLO, reply).stop();
    assertThat(silent.stopped).isEqualTo(1);
    Scripted failing = new Scripted("b", false, fails(Code.UPSTREAM));
    chain(failing).generate(HELLO, reply).stop();
    waiting.forEach(Runnable::run);
    assertThat(failing.asked).hasSize(1);
    assertThat(reply.ended()).isFalse();
  }
}
