package dev.parley.provider.scripted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Provider.Generation;
import dev.parley.conversation.provider.Tool;
import dev.parley.provider.Recorded;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ScriptedProviderTest {
  private final EmbeddedChannel clock = new EmbeddedChannel();
  private long nanos;

  @BeforeEach
  void freeze() {
    clock.freezeTime();
  }

  @AfterEach
  void close() {
    clock.finishAndReleaseAll();
  }

  private void advance(Duration time) {
    nanos += time.toNanos();
    clock.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    clock.runScheduledPendingTasks();
  }

  private ScriptedProvider provider(Function<Prompt, Script> scripts, Pace pace) {
    return new ScriptedProvider("scripted", scripts, pace, clock::eventLoop, () -> nanos);
  }

  private Recorded ask(Prompt prompt) {
    Recorded reply = new Recorded();
    provider(new Demonstration(), Pace.AT_ONCE).generate(prompt, reply);
    while (!reply.ended()) {
      advance(Duration.ZERO);
    }
    return reply;
  }

  private Recorded ask(String words) {
    return ask(Prompt.of("none", PromptTurn.user(words)));
  }

  @Test
  void aReplyIsAsFastAsItsPaceSays() {
    Recorded reply = new Recorded();
    provider(_ -> Script.says("a b c"), new Pace(Duration.ofMillis(200), 10))
        .generate(Prompt.of("none"), reply);
    advance(Duration.ofMillis(199));
    assertThat(reply.deltas()).isEmpty();
    advance(Duration.ofMillis(1));
    assertThat(reply.text()).isEqualTo("a");
    advance(Duration.ofMillis(99));
    assertThat(reply.text()).isEqualTo("a");
    advance(Duration.ofMillis(1));
    assertThat(reply.text()).isEqualTo("a b");
    assertThat(reply.ended()).isFalse();
    advance(Duration.ofMillis(100));
    assertThat(reply.text()).isEqualTo("a b c");
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void aLoopThatWasBusyCatchesUp() {
    Recorded reply = new Recorded();
    provider(_ -> Script.says("a b c d"), new Pace(Duration.ZERO, 10))
        .generate(Prompt.of("none"), reply);
    advance(Duration.ofMillis(250));
    assertThat(reply.text()).isEqualTo("a b c");
    advance(Duration.ofMillis(50));
    assertThat(reply.text()).isEqualTo("a b c d");
  }

  @Test
  void stopEndsItWithoutAWord() {
    Recorded reply = new Recorded();
    Generation generation =
        provider(_ -> Script.says("a b c"), new Pace(Duration.ZERO, 10))
            .generate(Prompt.of("none"), reply);
    advance(Duration.ZERO);
    generation.stop();
    advance(Duration.ofHours(1));
    assertThat(reply.text()).isEqualTo("a");
    assertThat(reply.ended()).isFalse();
  }

  @Test
  void withNoModelItSaysSoAndQuotesNobody() {
    String text = ask("my secret is swordfish").text();
    assertThat(text).startsWith("**No model is configured here**").contains("add a provider");
    assertThat(text)
        .contains("\n- ", "\n```java\n", "\n| --- | --- |\n")
        .doesNotContain("swordfish");
    assertThat(ask("my secret is swordfish").text()).isEqualTo(text);
  }

  @Test
  void aReplyGoesOnWhereItsPrefixEnds() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Prompt prompt = Prompt.of("none", PromptTurn.user("hello 😀"));
    String whole = ask(prompt).text();
    for (int round = 0; round < 50; round++) {
      int at = random.nextInt(whole.length() + 1);
      Recorded rest = ask(prompt.continuing(whole.substring(0, at)));
      assertThat(whole.substring(0, at) + rest.text())
          .as("seed %s, at %s", seed, at)
          .isEqualTo(whole);
    }
  }

  @Test
  void whatItWouldNotHaveSaidIsNotContinued() {
    Prompt prompt = Prompt.of("none", PromptTurn.user("echo: one two"));
    assertThat(ask(prompt.continuing("one three")).failure().code()).isEqualTo(Code.BAD_REQUEST);
    assertThat(ask(prompt.continuing("one two three")).failure().code())
        .isEqualTo(Code.BAD_REQUEST);
  }

  @Test
  void charactersOfTwoHalvesStayWhole() {
    Recorded reply = ask("echo: " + "😀".repeat(50));
    assertThat(reply.text()).isEqualTo("😀".repeat(50));
    assertThat(reply.deltas()).allMatch(delta -> ((Delta.Text) delta).text().length() % 2 == 0);
  }

  @Test
  void countingShowsEveryPiece() {
    Recorded reply = ask("count: 200");
    assertThat(reply.deltas()).hasSize(200);
    assertThat(reply.text()).startsWith("1 2 3 ").endsWith(" 199 200");
    assertThat(reply.finished().usage().output()).isEqualTo(200);
    assertThat(ask("count: 99999").text()).contains("(expected: a number up to 10000)");
  }

  @Test
  void aSpeakersNameMayComeBefore() {
    assertThat(ask("Ann: echo: hi").text()).isEqualTo("hi");
    assertThat(ask("ECHO: count: 3").text()).isEqualTo("count: 3");
  }

  @Test
  void thinkingIsNotText() {
    Recorded reply = ask("think: so be it");
    assertThat(reply.text()).isEqualTo("so be it");
    assertThat(reply.reasoning()).isNotEmpty();
    Prompt begun = Prompt.of("none", PromptTurn.user("think: so be it")).continuing("so");
    assertThat(ask(begun).reasoning()).isEmpty();
  }

  @Test
  void aToolIsCalledAndItsAnswerShown() {
    PromptTurn asked = PromptTurn.user("tool: weather {\"city\": \"Paris\"}");
    Recorded call = ask(Prompt.of("none", asked));
    assertThat(call.deltas().getFirst()).isEqualTo(new Delta.ToolCall(0, "call-1", "weather"));
    assertThat(call.arguments(0)).isEqualTo("{\"city\": \"Paris\"}");
    assertThat(call.finished().reason()).isEqualTo(FinishReason.TOOL_CALLS);
    PromptTurn calling =
        new PromptTurn(
            PromptRole.ASSISTANT, List.of(new TurnPart.ToolCall("call-1", "weather", "{}")));
    PromptTurn result =
        new PromptTurn(
            PromptRole.TOOL, List.of(new TurnPart.ToolResult("call-1", "{\"sky\":\"blue\"}")));
    assertThat(ask(Prompt.of("none", asked, calling, result)).text())
        .contains("{\"sky\":\"blue\"}");
    assertThat(ask(Prompt.of("none", asked, calling, result, asked)).deltas().getFirst())
        .isEqualTo(new Delta.ToolCall(0, "call-2", "weather"));
  }

  @Test
  void withoutANameTheFirstToolIsCalled() {
    Prompt prompt =
        new Prompt(
            "none",
            List.of(PromptTurn.user("tool:")),
            Parameters.NONE,
            List.of(new Tool("clock", "", "{}")),
            "",
            "");
    assertThat(ask(prompt).deltas().getFirst()).isEqualTo(new Delta.ToolCall(0, "call-1", "clock"));
    assertThat(ask("tool:").text()).contains("none is declared");
  }

  @Test
  void itFailsOnRequest() {
    Recorded reply = ask("fail: rate-limited");
    assertThat(reply.failure().code()).isEqualTo(Code.RATE_LIMITED);
    assertThat(reply.deltas()).isEmpty();
    Recorded later = ask("fail: disconnected 3");
    assertThat(later.failure().code()).isEqualTo(Code.DISCONNECTED);
    assertThat(later.text()).isEqualTo("1 2 3");
    assertThat(ask("fail: badly").text()).contains("circuit_open");
  }

  @Test
  void theMostTokensAreCountedFromTheBeginningOfTheReply() {
    Prompt prompt =
        new Prompt(
            "none",
            List.of(PromptTurn.user("count: 9")),
            Parameters.NONE.withMaxTokens(4),
            List.of(),
            "",
            "");
    Recorded reply = ask(prompt);
    assertThat(reply.text()).isEqualTo("1 2 3 4");
    assertThat(reply.finished().reason()).isEqualTo(FinishReason.LENGTH);
    assertThat(ask(prompt.continuing("1 2")).text()).isEqualTo(" 3 4");
  }

  @Test
  void aLoopThatIsGoneIsAFailure() {
    ScheduledExecutorService gone = Executors.newSingleThreadScheduledExecutor();
    gone.shutdownNow();
    Recorded reply = new Recorded();
    new ScriptedProvider("scripted", new Demonstration(), Pace.DEFAULT, () -> gone)
        .generate(Prompt.of("none"), reply);
    assertThat(reply.failure().code()).isEqualTo(Code.UPSTREAM);
  }

  @Test
  void aPaceOfNothingIsRefused() {
    assertThatThrownBy(() -> new Pace(Duration.ZERO, 0))
        .hasMessage("scripted.tokens-per-second: 0.0 (expected: >= 0.001)");
  }
}
