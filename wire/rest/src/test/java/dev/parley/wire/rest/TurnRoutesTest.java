package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What people say, how it branches, and what others hear of it. */
final class TurnRoutesTest extends RestTest {
  @Test
  void twoPeopleAndAPersonaHearEachOther() throws Exception {
    String room = sharedRoom();
    long from = ada().get(room).json().path("offset").asLong(0);
    try (var ada = ada().follow(room + "/events?after=" + from);
        var ben = ben().follow(room + "/events?after=" + from)) {
      ben().post(room + "/turns", "{\"text\":\"hello\",\"reply\":false}").expect(202);
      JsonNode said =
          ada()
              .post(room + "/turns", "{\"text\":\"hi\",\"clientMessageId\":\"m1\"}")
              .expect(202)
              .json();
      model.asked().says("Hi both.").finishes();
      for (Client.Events each : List.of(ada, ben)) {
        assertThat(each.nextOf("turn-added").path("author").toString())
            .isEqualTo("{\"person\":\"ben\"}");
        JsonNode adas = each.nextOf("turn-added");
        assertThat(adas.path("clientMessageId").asString("")).isEqualTo("m1");
        assertThat(adas.path("turn")).isEqualTo(said.path("turn"));
        assertThat(each.nextOf("run-requested").path("run")).isEqualTo(said.path("run"));
        JsonNode reply = each.nextOf("turn-added");
        assertThat(reply.path("ai").asBoolean(false)).isTrue();
        assertThat(reply.path("parts").get(0).path("text").asString("")).isEqualTo("Hi both.");
        assertThat(each.nextOf("run-finished").path("run")).isEqualTo(said.path("run"));
      }
    }
    JsonNode turns = ben().get(room).json().path("turns");
    assertThat(turns.size()).isEqualTo(3);
    assertThat(turns.get(2).path("author").path("persona").path("id").asString(""))
        .isEqualTo("guide");
    assertThat(turns.get(2).path("offset").asLong(0)).isPositive();
  }

  @Test
  void eventsGoOnAfterTheLastOneThatWasHeard() {
    String room = room();
    String last;
    try (var events = ada().follow(room + "/events")) {
      assertThat(events.next().json().path("type").asString("")).isEqualTo("created");
      ada().post(room + "/turns", "{\"text\":\"0\",\"reply\":false}").expect(202);
      last = events.next().id();
    }
    for (int i = 1; i < 10; i++) {
      ada().post(room + "/turns", "{\"text\":\"" + i + "\",\"reply\":false}").expect(202);
      try (var events = ada().follow(room + "/events", last)) {
        var event = events.next();
        last = event.id();
        assertThat(event.json().path("parts").get(0).path("text").asString(""))
            .isEqualTo(Integer.toString(i));
      }
    }
    assertThat(ada().follow(room + "/events?after=99").status).isEqualTo(400);
    assertThat(ada().follow(room + "/events?branch=no").status).isEqualTo(404);
  }

  @Test
  void aMessageThatIsSentAgainIsNotSaidAgain() throws Exception {
    String room = room();
    for (String message :
        List.of(
            "{\"text\":\"a\",\"clientMessageId\":\"m1\"}",
            "{\"text\":\"b\",\"turn\":\"t1\",\"run\":\"r2\"}",
            "{\"text\":\"c\",\"run\":\"r3\"}",
            "{\"text\":\"c\",\"clientMessageId\":\"m2\",\"reply\":false}")) {
      JsonNode first = ada().post(room + "/turns", message).expect(202).json();
      if (first.has("run")) {
        model.asked().says("ok").finishes();
        awaitIdle(room);
      }
      JsonNode again = ada().post(room + "/turns", message).expect(202).json();
      assertThat(again.path("turn")).isEqualTo(first.path("turn"));
      assertThat(again.path("run")).isEqualTo(first.path("run"));
    }
    assertThat(ada().get(room).json().path("turns").size()).isEqualTo(7);
  }

  private void awaitIdle(String room) {
    Awaitility.await().until(() -> ada().get(room).json().path("runs").isEmpty());
  }

  @Test
  void aTurnIsEditedInABranchAndAReplyRegenerated() throws Exception {
    String room = room();
    ada().post(room + "/turns", "{\"text\":\"one\",\"turn\":\"t1\",\"run\":\"r1\"}").expect(202);
    model.asked().says("first").finishes();
    awaitIdle(room);

    String edit = "{\"text\":\"uno\",\"newBranch\":\"b1\",\"turn\":\"t2\",\"run\":\"r2\"}";
    JsonNode edited = ada().post(room + "/turns/t1/edit", edit).expect(202).json();
    assertThat(edited.path("branch").asString("")).isEqualTo("b1");
    model.asked().says("second").finishes();
    assertThat(ada().post(room + "/turns/t1/edit", edit).expect(202).json().path("branch"))
        .isEqualTo(edited.path("branch"));

    String again = "{\"run\":\"r3\",\"newBranch\":\"b2\"}";
    JsonNode other = ada().post(room + "/turns/r1.1/regenerate", again).expect(202).json();
    assertThat(other.path("branch").asString("")).isEqualTo("b2");
    assertThat(other.path("run").asString("")).isEqualTo("r3");
    model.asked().says("third").finishes();
    assertThat(
            ada()
                .post(room + "/turns/r1.1/regenerate", again)
                .expect(202)
                .json()
                .path("branch")
                .asString(""))
        .isEqualTo("b2");

    Awaitility.await().until(() -> ada().get(room + "?branch=b2").json().path("turns").size() == 2);
    JsonNode it = ada().get(room + "?branch=b2").json();
    assertThat(it.path("turns").get(0).path("turn").asString("")).isEqualTo("t1");
    assertThat(it.path("turns").get(1).path("parts").get(0).path("text").asString(""))
        .isEqualTo("third");
    assertThat(it.path("branches").size()).isEqualTo(3);
    assertThat(it.path("branches").get(2).path("replaces").asString("")).isEqualTo("r1.1");
    try (var events = ada().follow(room + "/events?branch=b1")) {
      assertThat(events.next().json().path("type").asString("")).isEqualTo("created");
      assertThat(events.nextOf("branched-off").path("replaces").asString("")).isEqualTo("t1");
    }
    ada().get(room + "?branch=no").refused(404, "no_branch");
    ada().post(room + "/turns/no/edit", "{\"text\":\"x\"}").refused(404, "no_turn");
    ada().post(room + "/turns/t1/regenerate", "{}").refused(409, "not_that_turn");
    ada()
        .post(room + "/turns/t1/edit", "{\"text\":\"x\",\"newBranch\":\"b1\"}")
        .refused(409, "branch_exists");
  }

  @Test
  void whileAReplyRunsAnotherWaitsReplacesOrIsRejected() throws Exception {
    String room = room();
    ask(room, "one");
    var first = model.asked().says("so far");
    ada()
        .post(room + "/turns", "{\"text\":\"two\",\"reply\":{\"onBusy\":\"reject\"}}")
        .refused(409, "run_active");
    ada().post(room + "/turns", "{\"text\":\"three\"}").expect(202);
    for (int i = 1; i < 16; i++) {
      ada().post(room + "/reply", "{}").expect(202);
    }
    var full = ada().post(room + "/turns", "{\"text\":\"full\"}");
    full.refused(429, "queue_full");
    assertThat(full.response().headers().firstValue("retry-after")).isPresent();
    assertThat(full.json().path("error").path("retry").asBoolean(false)).isTrue();
    ada()
        .post(
            room + "/turns",
            "{\"text\":\"now\",\"reply\":{\"onBusy\":\"replace\",\"persona\":\"poet\"}}")
        .expect(202);
    first.awaitStopped();
    JsonNode running = ada().get(room).json().path("runs").get(0);
    assertThat(running.path("persona").path("id").asString("")).isEqualTo("poet");
  }

  @Test
  void aReplyIsAskedForOnItsOwn() throws Exception {
    String room = room();
    ada().post(room + "/turns", "{\"text\":\"x\",\"reply\":false}").expect(202);
    String wish = "{\"run\":\"r1\",\"persona\":\"poet\"}";
    ada().post(room + "/reply", wish).expect(202);
    ada().post(room + "/reply", wish).expect(202);
    model.asked().says("roses").finishes();
    awaitIdle(room);
    assertThat(ada().get(room).json().path("turns").size()).isEqualTo(2);
    assertThat(ada().get(room).json().path("personas").get(0).path("name").asString(""))
        .isEqualTo("Poet");
  }

  @Test
  void partsOfUnknownKindsArePassedOn() {
    String room = room();
    String parts =
        "[{\"type\":\"file\",\"name\":\"a.png\",\"mediaType\":\"image/png\",\"url\":\"u\"},"
            + "{\"type\":\"map\",\"lat\":1.5}]";
    ada()
        .post(room + "/turns", "{\"parts\":" + parts + ",\"reply\":false,\"ai\":true}")
        .expect(202);
    JsonNode turn = ada().get(room).json().path("turns").get(0);
    assertThat(turn.path("parts").toString()).isEqualTo(parts);
    assertThat(turn.path("ai").asBoolean(false)).isTrue();
  }

  @Test
  void othersSeeWhoIsThereAndWhoTypes() {
    String room = sharedRoom();
    try (var ada = ada().follow(room + "/events")) {
      assertThat(ada.next("presence").data()).isEqualTo("{\"people\":[\"ada\"]}");
      try (var ben = ben().follow(room + "/events")) {
        assertThat(ada.next("presence").data()).isEqualTo("{\"people\":[\"ada\",\"ben\"]}");
        assertThat(ben.next("presence").data()).isEqualTo("{\"people\":[\"ada\",\"ben\"]}");
        ben().post(room + "/typing", "{\"typing\":true}").expect(204);
        ben().post(room + "/typing", "{\"typing\":true}").expect(204);
        var typing = ada.next("typing");
        assertThat(typing.data()).isEqualTo("{\"person\":\"ben\",\"typing\":true}");
        assertThat(typing.id()).isEmpty();
        ben().post(room + "/typing", "{\"typing\":false}").expect(204);
        assertThat(ada.next("typing").data()).isEqualTo("{\"person\":\"ben\",\"typing\":false}");

        ben().post(room + "/typing", "{\"typing\":true}").expect(204);
        assertThat(ada.next("typing").data()).endsWith("true}");
        try (var second = ada().follow(room + "/events")) {
          assertThat(second.next("typing").data()).contains("ben");
        }
        long start = System.nanoTime();
        assertThat(ada.next("typing").data()).isEqualTo("{\"person\":\"ben\",\"typing\":false}");
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(8));
      }
      assertThat(ada.next("presence").data()).isEqualTo("{\"people\":[\"ada\"]}");
    }
  }

  @Test
  void warmingOpensWhatAReplyNeeds() throws Exception {
    String room = room();
    ada().post(room + "/warm", "").expect(204);
    model.awaitWarmed();
    ada().post(room + "/warm", "{\"persona\":\"nobody\"}").refused(400, "bad_field");
  }
}
