package dev.parley.conversation.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.conversation.ModelRef;
import dev.parley.conversation.RunFailure;
import dev.parley.conversation.Usage;
import dev.parley.hub.Hub;
import dev.parley.hub.HubConfig;
import dev.parley.stream.Append;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.StreamPolicies;
import dev.parley.stream.StreamPolicy;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ledger on a store in memory; what time it is the test says. */
final class LedgerTest {
  private static final StreamPolicies POLICIES = StreamPolicies.uniform(StreamPolicy.DEFAULT);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Asked ANN = new Asked("ann", "bot", "one", "m");
  private static final Asked BEN = new Asked("ben", "bot", "one", "m");
  private static final Span MARCH = Span.parse("2026-03");
  private static final PriceList PRICES =
      new PriceList(
          Map.of(
              new PriceList.Of(null, "m"),
              new Price(new BigDecimal("2.50"), new BigDecimal("0.25"), new BigDecimal("10")),
              new PriceList.Of("two", "m"),
              new Price(BigDecimal.ZERO, BigDecimal.ZERO, new BigDecimal("1"))));

  private Instant now = Instant.parse("2026-03-30T12:00:00Z");
  private final MemoryStore store = new MemoryStore(POLICIES, () -> now);
  private final Hub hub = new Hub(store, POLICIES, HubConfig.defaults());
  private int runs;

  @AfterEach
  void close() {
    hub.close();
    store.close();
  }

  private Ledger ledger(Budgets budgets) {
    return Ledger.open(hub, PRICES, budgets, () -> now);
  }

  private static Budgets eachUser(Budget... budgets) {
    return new Budgets(List.of(budgets), Map.of(), List.of(), Map.of());
  }

  private static Budget tokens(Span.Length per, long tokens) {
    return new Budget(per, tokens, null);
  }

  private void record(Ledger ledger, String run, Asked asked, Usage usage) {
    var _ =
        ledger.record(run, asked, usage, now.toEpochMilli()).orTimeout(20, TimeUnit.SECONDS).join();
  }

  private void spend(Ledger ledger, Asked asked, long output) {
    record(ledger, "run-" + ++runs, asked, new Usage(0, 0, output));
  }

  private @Nullable RunFailure refusal(Ledger ledger, Asked asked) {
    return ledger.refusal(asked, now.toEpochMilli());
  }

  private String why(Ledger ledger, Asked asked) {
    return Objects.requireNonNull(refusal(ledger, asked)).message();
  }

  private static Whose user(String user) {
    return new Whose(user, null);
  }

  @Test
  void aReplyCostsWhatThePriceListSays() {
    Ledger ledger = ledger(Budgets.NONE);
    Usage usage = new Usage(1_000, 400, 30);
    record(ledger, "r1", ANN, usage);
    record(ledger, "r2", new Asked("ben", "bot", "two", "m"), usage);
    record(ledger, "r3", new Asked("cid", "bot", "two", "unlisted"), usage);

    assertThat(ledger.spent(MARCH, user("ann")))
        .isEqualTo(new Spent(1, 0, usage, new BigDecimal("0.0019")));
    assertThat(ledger.spent(MARCH, user("ben")).cost()).isEqualByComparingTo("0.00003");
    assertThat(ledger.spent(MARCH, user("cid")).cost()).isEqualByComparingTo("0");
    assertThat(ledger.spent(MARCH, new Whose(null, "bot")).usage().tokens()).isEqualTo(3_090);
    assertThat(ledger.sinceStart())
        .containsEntry(
            new Ledger.Series("one", "bot"), new Spent(1, 0, usage, new BigDecimal("0.0019")));
  }

  @Test
  void eachModelOfAReplyIsPaidAtItsOwnPriceAndTheReplyCountsOnce() {
    Ledger before = ledger(Budgets.NONE);
    ModelRef two = new ModelRef("two", "m");
    Usage own = new Usage(1_000, 400, 30);
    record(before, "r1", ANN, own.plus(new Usage(500, 0, 20, true).by(two)));
    record(before, "r2", BEN, own.by(two));

    for (Ledger ledger : List.of(before, ledger(Budgets.NONE))) {
      assertThat(ledger.spent(MARCH, user("ann")))
          .isEqualTo(new Spent(1, 1, new Usage(1_500, 400, 50, true), new BigDecimal("0.00192")));
      assertThat(ledger.spent(MARCH, user("ben")))
          .isEqualTo(new Spent(1, 0, own, new BigDecimal("0.00003")));
    }
    assertThat(before.sinceStart())
        .containsEntry(
            new Ledger.Series("two", "bot"),
            new Spent(1, 0, new Usage(1_500, 400, 50, true), new BigDecimal("0.00005")));
    assertThat(hub.read(Ledger.PATH, 0, 10, 1 << 20).join().orElseThrow().messages())
        .extracting(message -> SpendingJson.read(message.bytes()).asked().provider())
        .containsExactly("one", "two", "two");
  }

  @Test
  void whoHasSpentTheDayWaitsForTheNext() {
    Ledger ledger = ledger(eachUser(tokens(Span.Length.DAY, 100)));
    spend(ledger, ANN, 99);
    assertThat(refusal(ledger, ANN)).isNull();
    spend(ledger, ANN, 21);

    assertThat(refusal(ledger, ANN))
        .isEqualTo(
            new RunFailure(
                "over-budget",
                "The budget of ann for the day 2026-03-30 is spent: 120 of 100 tokens."
                    + " The next one begins at 2026-03-31T00:00:00Z.",
                true,
                Instant.parse("2026-03-31T00:00:00Z").toEpochMilli()));
    assertThat(refusal(ledger, BEN)).isNull();
    assertThat(ledger.refused()).isEqualTo(1);
    now = now.plus(DAY);
    assertThat(refusal(ledger, ANN)).isNull();
  }

  @Test
  void whoHasSpentTheMonthWaitsForItsEnd() {
    Ledger ledger =
        ledger(
            eachUser(
                tokens(Span.Length.DAY, 10),
                new Budget(Span.Length.MONTH, Long.MAX_VALUE, new BigDecimal("0.001"))));
    spend(ledger, ANN, 100);

    for (int day = 30; day <= 31; day++) {
      assertThat(why(ledger, ANN))
          .isEqualTo(
              "The budget of ann for the month 2026-03 is spent: a cost of 0.001 of 0.001."
                  + " The next one begins at 2026-04-01T00:00:00Z.");
      now = now.plus(DAY);
    }
    assertThat(refusal(ledger, ANN)).isNull();
  }

  @Test
  void aNamedUserHasBudgetsOfTheirOwnAndPersonasHaveSome() {
    Ledger ledger =
        ledger(
            new Budgets(
                List.of(tokens(Span.Length.DAY, 1)),
                Map.of("ann", List.of()),
                List.of(),
                Map.of("bot", List.of(tokens(Span.Length.DAY, 10)))));
    spend(ledger, ANN, 9);
    assertThat(refusal(ledger, ANN)).isNull();
    spend(ledger, BEN, 1);
    assertThat(refusal(ledger, new Asked("ben", "other", "one", "m"))).isNotNull();
    assertThat(why(ledger, ANN)).startsWith("The budget of persona bot for the day");
    assertThat(refusal(ledger, new Asked("ann", "other", "one", "m"))).isNull();
  }

  @Test
  void aRunThatIsToldTwiceCountsOnceAlsoAfterARestart() {
    Ledger first = ledger(Budgets.NONE);
    record(first, "r1", ANN, new Usage(10, 0, 5));
    record(first, "r1", ANN, new Usage(10, 0, 5));
    Ledger second = ledger(Budgets.NONE);
    record(second, "r1", ANN, new Usage(10, 0, 5));

    assertThat(second.spent(MARCH, user("ann")).replies()).isEqualTo(1);
    assertThat(hub.read(Ledger.PATH, 0, 10, 1 << 20).join().orElseThrow().messages()).hasSize(1);
  }

  @Test
  void afterARestartItCountsWhatItCountedBefore() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    now = Instant.parse("2026-02-27T00:00:00Z");
    Ledger before = ledger(Budgets.NONE);
    for (int i = 0; i < 300; i++) {
      now = now.plusSeconds(random.nextInt(9_000));
      int input = random.nextInt(1_000);
      record(
          before,
          "r" + i,
          new Asked("u" + random.nextInt(9), "p" + random.nextInt(3), "one", "m"),
          new Usage(input, random.nextInt(input + 1), random.nextInt(99), random.nextBoolean()));
    }
    Ledger after =
        Ledger.open(hub, PriceList.FREE, Budgets.NONE, () -> now); // prices hold from now on

    Whose all = new Whose(null, null);
    Instant at = Instant.parse("2026-02-27T00:00:00Z");
    for (; !at.isAfter(now); at = at.plus(DAY)) {
      for (Span.Length length : Span.Length.values()) {
        Span span = Span.of(length, at);
        assertThat(after.each(span, all))
            .as("seed %s, %s", seed, span.name())
            .isEqualTo(before.each(span, all));
        assertThat(after.spent(span, all)).isEqualTo(before.spent(span, all));
      }
    }
  }

  @Test
  void sumsOfThisMonthAndTheLastAreKept() {
    Ledger ledger = ledger(Budgets.NONE);
    spend(ledger, ANN, 1);
    now = Instant.parse("2026-04-30T23:59:59Z");
    spend(ledger, ANN, 2);
    assertThat(ledger.spent(MARCH, user("ann")).usage().output()).isEqualTo(1);
    now = Instant.parse("2026-05-01T00:00:00Z");
    spend(ledger, ANN, 4);

    assertThat(ledger.spent(MARCH, user("ann"))).isEqualTo(Spent.NOTHING);
    assertThat(ledger.oldest()).hasToString("2026-04-01");
    Ledger after = ledger(Budgets.NONE);
    assertThat(after.spent(Span.parse("2026-04"), user("ann")).usage().output()).isEqualTo(2);
    assertThat(after.spent(Span.parse("2026-05-01"), user("ann")).usage().output()).isEqualTo(4);
    assertThat(after.spent(MARCH, user("ann"))).isEqualTo(Spent.NOTHING);
  }

  @Test
  void aReplyOfTheLastSecondCountsForTheDayItEndedIn() {
    Ledger ledger = ledger(Budgets.NONE);
    long ended = Instant.parse("2026-03-31T23:59:59.999Z").toEpochMilli();
    now = Instant.parse("2026-04-01T00:00:01Z");
    ledger.record("r1", ANN, new Usage(0, 0, 7), ended).join();
    assertThat(ledger.spent(Span.parse("2026-03-31"), user("ann")).replies()).isEqualTo(1);
    assertThat(ledger.spent(Span.parse("2026-04-01"), user("ann")).replies()).isZero();
  }

  @Test
  void anUpstreamThatCountsNonsenseOpensNoBudget() {
    Ledger ledger = ledger(eachUser(tokens(Span.Length.MONTH, 100)));
    spend(ledger, ANN, Long.MAX_VALUE);
    spend(ledger, ANN, 5);
    assertThat(refusal(ledger, ANN)).isNotNull();
  }

  @Test
  void whatIsNoRecordIsPassedOver() {
    Ledger first = ledger(Budgets.NONE);
    spend(first, ANN, 1);
    for (String wrong :
        new String[] {"{", "{}", "[]", "{\"run\":1}", record("1e999999999"), record("-1")}) {
      hub.append(Ledger.PATH, Append.of(wrong.getBytes(StandardCharsets.UTF_8))).join();
    }
    spend(first, ANN, 2);
    assertThat(ledger(Budgets.NONE).spent(MARCH, user("ann")).usage().output()).isEqualTo(3);
  }

  private static String record(String cost) {
    return "{\"run\":\"x\",\"at\":1774872000000,\"user\":\"ann\",\"persona\":\"bot\",\"provider\":\"\","
        + "\"model\":\"\",\"input\":0,\"cachedInput\":0,\"output\":9,\"cost\":"
        + cost
        + "}";
  }

  @Test
  void aPeriodIsAMonthOrADay() {
    assertThat(Span.parse("2024-02").end()).isEqualTo("2024-03-01T00:00:00Z");
    assertThat(Span.parse("2024-02-29").end()).isEqualTo("2024-03-01T00:00:00Z");
    assertThat(Span.parse("2026-12").name()).isEqualTo("2026-12");
    for (String wrong : new String[] {"", "2026", "2026-13", "2026-02-29", "2026-3-1", "March"}) {
      assertThatThrownBy(() -> Span.parse(wrong)).hasMessageStartingWith("period: ");
    }
  }
}
