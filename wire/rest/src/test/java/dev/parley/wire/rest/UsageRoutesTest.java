package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.budget.Budget;
import dev.parley.conversation.budget.Budgets;
import dev.parley.conversation.budget.Price;
import dev.parley.conversation.budget.PriceList;
import dev.parley.conversation.budget.Span;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Usage, and a budget that is spent; a reply takes 10 tokens in and 5 out. */
final class UsageRoutesTest extends RestTest {
  private int rooms;

  @Override
  void adjust(Stage.Setting setting) {
    Price price = new Price(new BigDecimal("2"), BigDecimal.ZERO, new BigDecimal("10"));
    setting.prices = new PriceList(Map.of(new PriceList.Of("puppet", null), price));
    setting.budgets =
        new Budgets(
            List.of(new Budget(Span.Length.DAY, 30, null)),
            Map.of(),
            List.of(),
            Map.of("guide", List.of(new Budget(Span.Length.MONTH, 1_000, new BigDecimal("9.5")))));
  }

  /** Somebody says something; the name of the run. */
  private String ask(Client who) {
    String room = "/conversations/usage-" + ++rooms;
    who.post("/conversations", "{\"id\":\"usage-" + rooms + "\"}").expect(201);
    return who.post(room + "/turns", "{\"text\":\"hi\"}")
        .expect(202)
        .json()
        .path("run")
        .asString("");
  }

  private JsonNode ended(Client who, String run) {
    Awaitility.await().until(() -> !status(who, run).path("state").asString("").equals("starting"));
    return status(who, run);
  }

  private static JsonNode status(Client who, String run) {
    return who.get("/runs/" + run).expect(200).json();
  }

  private void reply(Client who) throws InterruptedException {
    String run = ask(who);
    model.asked().says("x").finishes();
    assertThat(ended(who, run).path("state").asString("")).isEqualTo("finished");
  }

  @Test
  void oneSeesOnesOwnUsageAndWhoAdministratesAll() throws InterruptedException {
    Client ben = Client.token(stage(), "ben");
    Client cid = Client.token(stage(), "cid");
    reply(ben);
    reply(ben);
    reply(cid);

    assertThat(ben.get("/usage").expect(200).text())
        .contains(
            "\"total\":{\"replies\":2,\"estimated\":0,\"input\":20,\"cachedInput\":0,\"output\":10,"
                + "\"cost\":0.00014}");
    JsonNode own = ben.get("/usage").json();
    assertThat(own.path("usage").size()).isEqualTo(1);
    assertThat(own.path("usage").get(0).path("persona").asString("")).isEqualTo("guide");
    JsonNode budget = own.path("budgets").get(0);
    assertThat(budget.path("tokens").asInt(0)).isEqualTo(30);
    assertThat(budget.path("spentTokens").asInt(0)).isEqualTo(30);
    assertThat(ben.get("/usage?user=ben").json()).isEqualTo(own);
    ben.get("/usage?user=cid").refused(403, "forbidden");

    Client admin = Client.token(stage(), "admin");
    JsonNode all = admin.get("/usage").expect(200).json();
    assertThat(all.path("total").path("replies").asInt(0)).isEqualTo(3);
    assertThat(all.path("usage").get(0).path("user").asString("")).isEqualTo("ben");
    assertThat(all.path("usage").get(1).path("user").asString("")).isEqualTo("cid");
    JsonNode persona = admin.get("/usage?persona=guide").expect(200).json();
    assertThat(persona.path("budgets").get(0).path("spentTokens").asInt(0)).isEqualTo(45);
    assertThat(admin.get("/usage?persona=poet").json().path("total").path("replies").asInt(9))
        .isZero();
  }

  @Test
  void aSpentBudgetFailsTheReplyWhereEverybodySeesIt() throws InterruptedException {
    Client ben = Client.token(stage(), "ben");
    reply(ben);
    reply(ben);
    String refused = ask(ben);
    JsonNode run = ended(ben, refused);
    assertThat(run.path("state").asString("")).isEqualTo("failed");
    assertThat(run.path("reason").asString("")).isEqualTo("over-budget");
    assertThat(run.path("message").asString("")).contains("30 of 30 tokens");
    assertThat(Instant.ofEpochMilli(run.path("retryAt").asLong(0)))
        .isAfter(Instant.now())
        .isBeforeOrEqualTo(Instant.now().plus(Duration.ofDays(1)));
    reply(Client.token(stage(), "cid"));
  }

  @Test
  void aPeriodIsADayOrAMonthOfThoseThatAreKept() throws InterruptedException {
    Client ben = Client.token(stage(), "ben");
    reply(ben);
    String today = Span.of(Span.Length.DAY, Instant.now()).name();
    assertThat(ben.get("/usage?period=" + today).json().path("total").path("replies").asInt(0))
        .isEqualTo(1);
    assertThat(ben.get("/usage?period=9999-12").json().path("total").path("replies").asInt(9))
        .isZero();
    ben.get("/usage?period=2020-01").refused(400, "bad_field");
    ben.get("/usage?period=yesterday").refused(400, "bad_field");
  }
}
