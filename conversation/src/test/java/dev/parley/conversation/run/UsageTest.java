package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.ModelRef;
import dev.parley.conversation.RunFailure;
import dev.parley.conversation.RunState;
import dev.parley.conversation.Usage;
import dev.parley.conversation.budget.Accounts;
import dev.parley.conversation.budget.Asked;
import dev.parley.conversation.budget.Budget;
import dev.parley.conversation.budget.Budgets;
import dev.parley.conversation.budget.Ledger;
import dev.parley.conversation.budget.Price;
import dev.parley.conversation.budget.PriceList;
import dev.parley.conversation.budget.Span;
import dev.parley.conversation.budget.Spent;
import dev.parley.conversation.budget.Whose;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What replies are said to have taken, and that a spent budget refuses them. */
@Timeout(60)
final class UsageTest {
  private static final long PROMPT = 9; // tokens: "You guide.", "Hi?" and the tools are 34 bytes

  private final Stage stage = new Stage();

  @AfterEach
  void close() {
    stage.close();
  }

  private void open(Budgets budgets) {
    stage.accounts = Ledger.open(stage.hub, PriceList.FREE, budgets, stage.clock);
  }

  /** All that Ada has spent, by a ledger that is made anew. */
  private Spent spent() {
    Ledger rebuilt = Ledger.open(stage.hub, PriceList.FREE, Budgets.NONE, InstantSource.system());
    return rebuilt.spent(Span.of(Span.Length.MONTH, Instant.now()), new Whose("ada", null));
  }

  private static Budgets tokensEachDay(long tokens) {
    return new Budgets(
        List.of(new Budget(Span.Length.DAY, tokens, null)), Map.of(), List.of(), Map.of());
  }

  @Test
  void aReplyTakesWhatItsProviderCounts() {
    open(Budgets.NONE);
    String run = stage.ask(stage.room(), "Hi?");
    stage.model.asked().says("Hello.").finishes();
    assertThat(stage.end(run).path("usage").path("output").intValue()).isEqualTo(5);
    assertThat(stage.end(run).path("usage").has("estimated")).isFalse();
    assertThat(spent().usage()).isEqualTo(new Usage(10, 0, 5));
    assertThat(spent().estimated()).isZero();
  }

  @Test
  void whatNobodyCountsIsEstimatedAndSaidToBe() {
    open(Budgets.NONE);
    String run = stage.ask(stage.room(), "Hi?");
    stage.model.asked().says("Hello, ", "Ada.").ends(FinishReason.STOP, Usage.UNKNOWN);
    JsonNode usage = stage.end(run).path("usage");
    assertThat(usage.path("output").intValue()).isEqualTo(3);
    assertThat(usage.path("estimated").booleanValue()).isTrue();
    assertThat(spent().usage()).isEqualTo(new Usage(PROMPT, 0, 3, true));
    assertThat(spent().estimated()).isEqualTo(1);
  }

  @Test
  void aStoppedAndAFailedReplyTakeWhatTheyHadSaid() {
    open(Budgets.NONE);
    String room = stage.room();
    String stopped = stage.ask(room, "Hi?");
    stage.model.asked().says("12345678");
    stage.awaitShown(stopped, "12345678");
    stage.done(room, new Command.Stop("ada", stopped, List.of()));
    assertThat(stage.end(stopped).path("usage").path("output").intValue()).isEqualTo(2);
    assertThat(spent().usage().output()).isEqualTo(2);

    String failed = stage.ask(room, "Again?");
    stage.model.asked().says("1234").fails(Failure.Code.DISCONNECTED);
    assertThat(stage.end(failed).path("usage").path("output").intValue()).isEqualTo(1);
    assertThat(spent().usage().output()).isEqualTo(3);
    assertThat(spent().estimated()).isEqualTo(2);

    String silent = stage.ask(room, "Again?");
    stage.model.asked().fails(Failure.Code.UNAUTHORIZED);
    assertThat(stage.end(silent).has("usage")).isFalse();
    assertThat(spent().replies()).isEqualTo(3);
  }

  @Test
  void whatAFallBackGaveIsPaidAsItsOwnAlsoWhenItWasStopped() {
    ModelRef cheap = new ModelRef("spare", "cheap");
    stage.accounts =
        Ledger.open(
            stage.hub,
            new PriceList(
                Map.of(
                    new PriceList.Of("puppet", null), price(1_000_000),
                    new PriceList.Of("spare", "cheap"), price(1))),
            Budgets.NONE,
            stage.clock);
    String room = stage.room();
    String whole = stage.ask(room, "Hi?");
    stage.model.asked().fallsBackTo(cheap).says("Hello.").finishes();
    assertThat(stage.end(whole).path("state").stringValue()).isEqualTo("finished");
    assertThat(spent().cost()).isEqualByComparingTo("0.000005");

    String stopped = stage.ask(room, "Hi?");
    stage.model.asked().fallsBackTo(cheap).says("12345678");
    stage.awaitShown(stopped, "12345678");
    stage.done(room, new Command.Stop("ada", stopped, List.of()));
    assertThat(stage.end(stopped).path("state").stringValue()).isEqualTo("stopped");
    assertThat(spent().cost()).isEqualByComparingTo("0.000007");

    String continued = stage.ask(room, "Hi?");
    stage.model.asked().says("1234").fallsBackTo(cheap).says("5").finishes();
    assertThat(stage.end(continued).path("state").stringValue()).isEqualTo("finished");
    assertThat(spent().cost()).isEqualByComparingTo("1.000012");
    assertThat(spent().replies()).isEqualTo(3);
  }

  private static Price price(int output) {
    return new Price(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.valueOf(output));
  }

  @Test
  void whatAFallBackGaveIsKnownAfterAKillToo() {
    stage.accounts = Accounts.NONE;
    String room = stage.room();
    String run = stage.ask(room, "Hi?");
    ModelRef cheap = new ModelRef("spare", "cheap");
    stage.model.asked().fallsBackTo(cheap).says("Hello.").finishes();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    stage.restart();
    Usage took =
        Stage.get(
            stage.conversations.view(room, it -> Objects.requireNonNull(it.run(run)).usage()));
    assertThat(took).isEqualTo(new Usage(10, 0, 5).by(cheap));
  }

  @Test
  void theGenerationsOfAReplyAreAddedUp() {
    open(Budgets.NONE);
    String run = stage.ask(stage.room(), "Weather?");
    stage
        .model
        .asked()
        .hears(new Delta.ToolCall(0, "c1", "weather"))
        .hears(new Delta.ToolArguments(0, "{}"))
        .ends(FinishReason.TOOL_CALLS);
    stage.toolAnswers.complete(new ToolOutcome.Result("\"sunny\""));
    stage.model.asked().says("Sunny.").finishes();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(spent().usage()).isEqualTo(new Usage(20, 0, 10));
    assertThat(spent().replies()).isEqualTo(1);
  }

  @Test
  void aReplyThatSurvivesAKillCountsOnceAndItsFirstPartAsItHadBeenShown() {
    open(Budgets.NONE);
    String room = stage.room();
    String run = stage.ask(room, "Hi?");
    stage.model.asked().says("12345678");
    stage.awaitShown(run, "12345678");
    stage.restart();
    stage.model.asked().says("9").finishes();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(spent().replies()).isEqualTo(1);
    assertThat(spent().usage().output()).isEqualTo(2 + 5);
    assertThat(spent().estimated()).isEqualTo(1);
    stage.restart();
    assertThat(spent().replies()).isEqualTo(1);
  }

  @Test
  void aKillBetweenTheEndOfAReplyAndItsRecordLosesNothing() {
    CountDownLatch told = new CountDownLatch(1);
    stage.accounts =
        new Accounts() {
          @Override
          public @Nullable RunFailure refusal(Asked asked, long nowMillis) {
            return null;
          }

          @Override
          public CompletableFuture<?> record(String run, Asked asked, Usage usage, long atMillis) {
            told.countDown();
            return new CompletableFuture<>(); // the store is slow, and then there is no power
          }
        };
    String room = stage.room();
    String run = stage.ask(room, "Hi?");
    stage.model.asked().says("Hello.").finishes();
    stage.awaitState(room, run, RunState.Finished.class);
    Awaitility.await().until(() -> told.getCount() == 0);
    assertThat(stage.runStream(run).getLast().path("state").stringValue(""))
        .isNotEqualTo("finished");

    open(Budgets.NONE);
    stage.restart();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(spent().usage()).isEqualTo(new Usage(10, 0, 5));
    stage.restart();
    assertThat(spent().replies()).isEqualTo(1);
  }

  @Test
  void aDeletedConversationGivesNoBudgetBack() {
    open(Budgets.NONE);
    String room = stage.room();
    String run = stage.ask(room, "Hi?");
    stage.model.asked().says("12345678");
    stage.awaitShown(run, "12345678");
    stage.done(room, new Command.Delete("ada"));
    Awaitility.await().untilAsserted(() -> assertThat(spent().usage().output()).isEqualTo(2));
  }

  @Test
  void aSpentBudgetEndsTheNextReplyBeforeItBeginsUntilTheNextDay() {
    open(tokensEachDay(15));
    String room = stage.room();
    String first = stage.ask(room, "Hi?");
    stage.model.asked().says("Hello.").finishes();
    assertThat(stage.end(first).path("state").stringValue()).isEqualTo("finished");

    String second = stage.ask(room, "More?");
    JsonNode end = stage.end(second);
    assertThat(end.path("state").stringValue()).isEqualTo("failed");
    assertThat(end.path("reason").stringValue()).isEqualTo("over-budget");
    assertThat(end.path("message").stringValue()).contains("ada", "15 of 15 tokens");
    assertThat(end.path("retryable").booleanValue()).isTrue();
    assertThat(Instant.ofEpochMilli(end.path("retryAt").longValue()))
        .isAfter(Instant.now())
        .isBeforeOrEqualTo(Instant.now().plus(Duration.ofDays(1)));
    assertThat(stage.state(room, second)).isInstanceOf(RunState.Failed.class);
    assertThat(stage.transcript(room)).containsExactly("Hi?", "ai: Hello.", "More?");
    assertThat(stage.model.isAsked()).isFalse();
    assertThat(spent().replies()).isEqualTo(1);

    stage.ahead = Duration.ofDays(1);
    String nextDay = stage.ask(room, "And now?");
    stage.model.asked().says("Hello.").finishes();
    assertThat(stage.end(nextDay).path("state").stringValue()).isEqualTo("finished");
  }

  @Test
  void whatRunsIsNotCut() {
    open(tokensEachDay(15));
    String slow = stage.ask(stage.room(), "Hi?");
    Puppet.Turn turn = stage.model.asked();
    String quick = stage.ask(stage.room(), "Hi?");
    stage.model.asked().says("Hello.").finishes();
    assertThat(stage.end(quick).path("state").stringValue()).isEqualTo("finished");
    turn.says("Well.").finishes();
    assertThat(stage.end(slow).path("state").stringValue()).isEqualTo("finished");
    assertThat(spent().usage().tokens()).isEqualTo(30);
  }
}
