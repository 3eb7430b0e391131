package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.run.Puppet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Replies: followed, stopped, steered, and their tools. */
final class RunRoutesTest extends RestTest {
  @Test
  void whoComesLaterSeesHowRepliesEnded() throws Exception {
    String room = room();
    String failed = ask(room, "one");
    model.asked().says("Half").fails(Failure.Code.MALFORMED);
    awaitEnded(room, 1);
    String stopped = ask(room, "two");
    Puppet.Turn second = model.asked().says("Wait");
    ada().post("/runs/" + stopped + "/stop", "{}").expect(202);
    second.awaitStopped();
    ask(room, "three");
    model.asked().says("Whole.").finishes();
    Awaitility.await().until(() -> ada().get(room).json().path("turns").size() == 6);
    awaitEnded(room, 2);

    JsonNode it = ada().get(room).json();
    JsonNode first = it.at("/ended/0");
    assertThat(first.path("run").asString("")).isEqualTo(failed);
    assertThat(first.path("state").asString("")).isEqualTo("failed");
    assertThat(first.path("reason").asString("")).isNotEmpty();
    assertThat(first.path("message").asString("")).isNotEmpty();
    assertThat(first.has("retryable")).isTrue();
    assertThat(first.path("after")).isEqualTo(it.at("/turns/1/turn"));
    assertThat(it.at("/turns/1/parts/0/text").asString("")).isEqualTo("Half");
    assertThat(it.at("/turns/1/run").asString("")).isEqualTo(failed);
    JsonNode other = it.at("/ended/1");
    assertThat(other.path("run").asString("")).isEqualTo(stopped);
    assertThat(other.path("state").asString("")).isEqualTo("stopped");
    assertThat(other.path("stoppedBy").asString("")).isEqualTo("ada");
    assertThat(other.path("after")).isEqualTo(it.at("/turns/3/turn"));

    String before = it.at("/turns/2/turn").asString("");
    assertThat(ada().get(room + "?before=" + before).json().path("ended").findValuesAsString("run"))
        .containsExactly(failed);
    JsonNode branched =
        ada()
            .post(room + "/turns/" + it.at("/turns/4/turn").asString("") + "/edit", QUIET)
            .expect(202)
            .json();
    assertThat(
            ada()
                .get(room + "?branch=" + branched.path("branch").asString(""))
                .json()
                .path("ended")
                .findValuesAsString("run"))
        .containsExactly(failed, stopped);
  }

  private static final String QUIET = "{\"text\":\"3\",\"reply\":false}";

  private void awaitEnded(String room, int runs) {
    Awaitility.await()
        .until(() -> {
          JsonNode it = ada().get(room).json();
          return it.path("runs").isEmpty() && it.path("ended").size() == runs;
        });
  }

  private static String text(List<Client.Event> events) {
    StringBuilder text = new StringBuilder();
    events.forEach(event -> text.append(event.json().path("text").asString("")));
    return text.toString();
  }

  private void awaitText(String run, String text) {
    Awaitility.await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() ->
            assertThat(ada().get("/runs/" + run).json().path("text").asString("")).isEqualTo(text));
  }

  @Test
  void aReplyIsFollowedToItsEnd() throws Exception {
    String run = ask(room(), "hi");
    var reply = model.asked();
    try (var words = ada().follow("/runs/" + run)) {
      assertThat(words.response.headers().firstValue("content-type")).hasValue("text/event-stream");
      assertThat(words.next().json().path("run").asString("")).isEqualTo(run);
      reply.says("Hel", "lo \"Ada\"\n").thinks("hm").says("!").finishes();
      List<Client.Event> rest = words.rest();
      assertThat(text(rest)).isEqualTo("Hello \"Ada\"\n!");
      assertThat(rest.getLast().json().path("state").asString("")).isEqualTo("finished");
      long last = 1;
      for (Client.Event event : rest) {
        assertThat(Long.parseLong(event.id())).isGreaterThan(last);
        last = Long.parseLong(event.id());
      }
    }
  }

  @Test
  void whoComesLateGetsEachPartInOneEvent() throws Exception {
    String run = ask(room(), "hi");
    var reply = model.asked().thinks("a").thinks("b");
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < 50; i++) { // each a message of its own
      reply.says("w" + i + " ");
      awaitText(run, said.append("w").append(i).append(' ').toString());
    }
    reply.says("é\"\\😀");
    Awaitility.await()
        .until(() -> ada().get("/runs/" + run).json().path("text").asString("").endsWith("😀"));
    try (var words = ada().follow("/runs/" + run)) {
      assertThat(words.next().json().has("run")).isTrue();
      assertThat(words.next().json().path("state").asString("")).isEqualTo("starting");
      assertThat(words.next().json().path("reasoning").asString("")).isEqualTo("ab");
      String text = words.next().json().path("text").asString("");
      assertThat(text).startsWith("w0 w1 ").endsWith("w49 é\"\\😀");
      reply.says(" live").finishes();
      assertThat(text(words.rest())).isEqualTo(" live");
    }
  }

  @Test
  void whoComesBackGetsEveryWordOnce() throws Exception {
    String run = ask(room(), "hi");
    var reply = model.asked();
    StringBuilder said = new StringBuilder();
    StringBuilder heard = new StringBuilder();
    String last = "0";
    for (int round = 0; round < 20; round++) {
      try (var words = ada().follow("/runs/" + run, last)) {
        assertThat(words.status).isEqualTo(200);
        for (int i = 0; i < 3; i++) {
          String word = "w" + round + "." + i + " ";
          said.append(word);
          reply.says(word);
          while (heard.length() < said.length() - (round % 3)) {
            var event = words.next();
            last = event.id();
            heard.append(event.json().path("text").asString(""));
          }
        }
      }
    }
    reply.finishes();
    try (var words = ada().follow("/runs/" + run, last)) {
      List<Client.Event> rest = words.rest();
      heard.append(text(rest));
      last = rest.getLast().id();
    }
    assertThat(heard.toString()).isEqualTo(said.toString());
    assertThat(ada().follow("/runs/" + run, last).status).isEqualTo(204);
    assertThat(ada().follow("/runs/" + run + "?after=" + last).status).isEqualTo(204);
    try (var again = ada().follow("/runs/" + run)) {
      assertThat(text(again.rest())).isEqualTo(said.toString());
    }
  }

  @Test
  void aPositionThatNeverWasIsRefused() throws Exception {
    String run = ask(room(), "hi");
    var _ = model.asked();
    assertThat(ada().follow("/runs/" + run, "9999").status).isEqualTo(400);
    assertThat(ada().follow("/runs/" + run, "x").status).isEqualTo(400);
  }

  @Test
  void aSilentAnswerBeats() throws Exception {
    String run = ask(room(), "hi");
    var _ = model.asked();
    try (var words = ada().follow("/runs/" + run)) {
      assertThat(words.next(":").name()).isEqualTo(":");
      assertThat(words.next(":").name()).isEqualTo(":");
    }
  }

  @Test
  void anAnswerEndsWithTheTokenOfItsCaller() {
    Client brief = Client.token(stage(), "brief");
    brief.post("/conversations", "{\"id\":\"b\"}").expect(201);
    try (var events = brief.follow("/conversations/b/events")) {
      assertThat(events.rest()).hasSize(1);
    }
  }

  @Test
  void manyFollowersOfOneReplyHearTheSame() throws Exception {
    String room = sharedRoom();
    String run = ask(room, "hi");
    var reply = model.asked();
    List<Client.Events> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add((i % 2 == 0 ? ada() : ben()).follow("/runs/" + run));
    }
    StringBuilder said = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      said.append("word").append(i).append(' ');
      reply.says("word" + i + " ");
    }
    reply.finishes();
    for (Client.Events each : all) {
      assertThat(text(each.rest())).isEqualTo(said.toString());
    }
  }

  @Test
  void stopKeepsWhatWasSaid() throws Exception {
    String room = sharedRoom();
    String run = ask(room, "hi");
    var reply = model.asked().says("so far");
    awaitText(run, "so far");
    JsonNode stopped = ben().post("/runs/" + run + "/stop", "").expect(202).json();
    assertThat(stopped.path("run").asString("")).isEqualTo(run);
    reply.awaitStopped();
    ada().post("/runs/" + run + "/stop", "{}").expect(202);
    JsonNode turns = ada().get(room).json().path("turns");
    assertThat(turns.get(1).path("parts").get(0).path("text").asString("")).isEqualTo("so far");
    assertThat(turns.get(1).path("ai").asBoolean(false)).isTrue();
    Awaitility.await()
        .untilAsserted(() -> {
          JsonNode it = ada().get("/runs/" + run).json();
          assertThat(it.path("state").asString("")).isEqualTo("stopped");
          assertThat(it.path("by").asString("")).isEqualTo("ben");
        });
  }

  @Test
  void whatIsSaidIntoAReplyIsHeardByIt() throws Exception {
    String run = ask(room(), "hi");
    var _ = model.asked().says("one");
    awaitText(run, "one");
    JsonNode steered =
        ada()
            .post("/runs/" + run + "/steer", "{\"text\":\"shorter\",\"turn\":\"s1\"}")
            .expect(202)
            .json();
    assertThat(steered.path("turn").asString("")).isEqualTo("s1");
    ada().post("/runs/" + run + "/steer", "{\"text\":\"shorter\",\"turn\":\"s1\"}").expect(202);
    model.asked().says("two").finishes();
    try (var words = ada().follow("/runs/" + run)) {
      assertThat(text(words.rest())).isEqualTo("onetwo");
    }
    ada().post("/runs/" + run + "/steer", "{\"text\":\"x\"}").refused(409, "run_ended");
  }

  @Test
  void aToolWaitsForAPersonAndThenForTheApplication() throws Exception {
    String room = room();
    String run = ask(room, "buy");
    model
        .asked()
        .says("Let me see.")
        .calls(0, "c1", "buy", "{\"n\":1}")
        .ends(FinishReason.TOOL_CALLS);
    try (var words = ada().follow("/runs/" + run)) {
      while (!words.next().json().path("state").asString("").equals("waiting-for-tool")) {}
    }
    JsonNode waiting = ada().get(room).json().path("runs").get(0);
    assertThat(waiting.path("state").asString("")).isEqualTo("waiting-for-tool");
    assertThat(waiting.path("calls").toString())
        .isEqualTo("[{\"id\":\"c1\",\"name\":\"buy\",\"approval\":true}]");

    String address = "/runs/" + run;
    ada()
        .post(address + "/result", "{\"call\":\"c1\",\"result\":1}")
        .refused(409, "call_unapproved");
    ada().post(address + "/approve", "{\"call\":\"no\"}").refused(404, "no_call");
    ada().post(address + "/approve", "{\"call\":\"c1\"}").expect(202);
    ada().post(address + "/result", "{\"call\":\"c1\"}").refused(400, "bad_field");
    ada().post(address + "/result", "{\"call\":\"c1\",\"result\":{\"bought\":1}}").expect(202);
    ada().post(address + "/result", "{\"call\":\"c1\",\"result\":2}").refused(409, "call_settled");
    model.asked().says("Done.").finishes();
    try (var words = ada().follow(address)) {
      assertThat(words.rest().getLast().json().path("state").asString("")).isEqualTo("finished");
    }
    JsonNode it = ada().get(address).json();
    assertThat(it.path("text").asString("")).isEqualTo("Let me see.Done.");
    JsonNode call = it.path("calls").get(0);
    assertThat(call.path("arguments").asString("")).isEqualTo("{\"n\":1}");
    assertThat(call.path("result").asString("")).isEqualTo("{\"bought\":1}");
    assertThat(it.path("usage").path("output").asInt(0)).isEqualTo(10);
  }

  @Test
  void whoMayAppendToARunAnswersForItsToolsAndOtherTokensDoNot() throws Exception {
    ada().post("/conversations", "{\"id\":\"t\"}").expect(201);
    String run = ask("/conversations/t", "weather");
    model.asked().calls(0, "c1", "weather", "{}").ends(FinishReason.TOOL_CALLS);
    String address = "/runs/" + run + "/result";
    String body = "{\"call\":\"c1\",\"result\":\"sunny\"}";
    Awaitility.await()
        .until(() ->
            ada().get("/runs/" + run).json().path("state").asString("").startsWith("waiting"));
    Client.token(stage(), "ben").post(address, body).refused(404, "no_run");
    Client.token(stage(), "ada").post(address, body).refused(403, "forbidden");
    Client.token(stage(), "app").post(address, body).expect(202);
    model.asked().says("It is sunny.").finishes();
  }

  @Test
  void aCallIsDeniedWithAReason() throws Exception {
    String run = ask(room(), "buy");
    model.asked().calls(0, "c1", "buy", "{}").ends(FinishReason.TOOL_CALLS);
    Awaitility.await()
        .until(() ->
            ada().get("/runs/" + run).json().path("state").asString("").startsWith("waiting"));
    ada().post("/runs/" + run + "/deny", "{\"call\":\"c1\",\"reason\":\"too dear\"}").expect(202);
    model.asked().says("All right.").finishes();
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(
                    ada()
                        .get("/runs/" + run)
                        .json()
                        .path("calls")
                        .get(0)
                        .path("result")
                        .asString(""))
                .contains("too dear"));
  }

  @Test
  void aReplyThatFailsSaysWhyAndWhetherToTryAgain() throws Exception {
    String run = ask(room(), "hi");
    model.asked().says("half").fails(Failure.Code.OVERLOADED);
    try (var words = ada().follow("/runs/" + run)) {
      JsonNode end = words.rest().getLast().json();
      assertThat(end.path("state").asString("")).isEqualTo("failed");
      assertThat(end.path("reason").asString("")).isEqualTo("overloaded");
    }
    JsonNode it = ada().get("/runs/" + run).json();
    assertThat(it.path("reason").asString("")).isEqualTo("overloaded");
    assertThat(it.path("retryable").asBoolean(false)).isTrue();
    assertThat(it.path("text").asString("")).isEqualTo("half");
  }

  @Test
  void aReplyThatWaitsSaysWhere() {
    String room = room();
    String run = ask(room, "hi");
    ada().post(room + "/turns", "{\"text\":\"queued\",\"run\":\"q1\"}").expect(202);
    JsonNode runs = ada().get(room).json().path("runs");
    assertThat(runs.get(1).path("state").asString("")).isEqualTo("queued");
    assertThat(runs.get(1).path("position").asInt(0)).isEqualTo(1);
    assertThat(runs.get(1).path("waiting").path("parts").get(0).path("text").asString(""))
        .isEqualTo("queued");
    Awaitility.await()
        .untilAsserted(
            () -> assertThat(ada().get("/runs/q1").json().path("position").asInt(0)).isEqualTo(1));
    ada().post("/runs/" + run + "/stop", "{}").expect(202);
  }
}
