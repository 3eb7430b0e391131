package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.run.Puppet;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is sent again under its {@code Idempotency-Key}, and what else is sent under it. */
final class IdempotencyTest extends RestTest {
  private static final String REUSED = "idempotency_key_reused";

  private void awaitIdle(String room) {
    Awaitility.await().until(() -> ada().get(room).json().path("runs").isEmpty());
  }

  /** Where Ada said t1, and had a reply. */
  private String roomWithAReply() {
    String room = room();
    String run = run(room);
    ada()
        .post(room + "/turns", "{\"text\":\"one\",\"turn\":\"t1\",\"run\":\"" + run + "\"}")
        .expect(202);
    model.asked().says("first").finishes();
    awaitIdle(room);
    return room;
  }

  private static String run(String room) {
    return "run-of-" + room.substring(room.lastIndexOf('/') + 1);
  }

  @Test
  void aKeySaysAMessageOnceAndRefusesAnotherOne() throws Exception {
    String room = sharedRoom();
    String message = "{\"text\":\"a\"}";
    JsonNode first = ada().once("k1", room + "/turns", message).expect(202).json();
    model.asked().says("ok").finishes();
    awaitIdle(room);

    JsonNode again = ada().once("k1", room + "/turns", "{ \"text\": \"a\" }").expect(202).json();
    assertThat(again.path("turn")).isEqualTo(first.path("turn"));
    assertThat(again.path("run")).isEqualTo(first.path("run"));
    ada().once("k1", room + "/turns", "{\"text\":\"b\"}").refused(422, "idempotency_key_reused");
    ada().once("k1", room + "/turns", "{\"text\":\"a\",\"turn\":\"t1\"}").refused(400, "bad_field");
    String turn = room + "/turns/" + first.path("turn").asString("");
    ada().once("k1", turn + "/edit", message).refused(422, "idempotency_key_reused");
    assertThat(ada().get(room).json().path("turns").size()).isEqualTo(2);

    String quiet = "{\"text\":\"a\",\"reply\":false}";
    ben().once("k1", room + "/turns", quiet).expect(202);
    ada().once("k1", room() + "/turns", quiet).expect(202);
    assertThat(ada().get(room).json().path("turns").size()).isEqualTo(3);
  }

  @Test
  void aKeyBranchesOnce() throws Exception {
    String room = room();
    ada().post(room + "/turns", "{\"text\":\"one\",\"turn\":\"t1\",\"run\":\"r1\"}").expect(202);
    model.asked().says("first").finishes();
    awaitIdle(room);
    String regenerate = room + "/turns/r1.1/regenerate";

    JsonNode made = ada().once("k1", regenerate, "{}").expect(202).json();
    model.asked().says("second").finishes();
    JsonNode again = ada().once("k1", regenerate, "{}").expect(202).json();

    assertThat(again.path("run")).isEqualTo(made.path("run"));
    assertThat(again.path("branch")).isEqualTo(made.path("branch"));
    ada().once("k1", regenerate, "{\"persona\":\"poet\"}").refused(422, "idempotency_key_reused");
    assertThat(ada().get(room).json().path("branches").size()).isEqualTo(2);
  }

  @Test
  void aKeyAsksForAReplyOnceAndRefusesAnotherOne() {
    String room = roomWithAReply();
    JsonNode first = ada().once("k1", room + "/reply", "{}").expect(202).json();
    model.asked().says("second").finishes();
    awaitIdle(room);

    JsonNode again = ada().once("k1", room + "/reply", "{}").expect(202).json();
    assertThat(again.path("run")).isEqualTo(first.path("run"));
    for (String other : List.of("{\"persona\":\"poet\"}", "{\"onBusy\":\"reject\"}")) {
      ada().once("k1", room + "/reply", other).refused(422, REUSED);
    }
    assertThat(model.isAsked()).isFalse();
  }

  @Test
  void aKeyOfOneAddressIsRefusedAtEveryOther() {
    Map<String, String> asked =
        Map.of(
            "/turns", "{\"text\":\"a\"}",
            "/turns?quiet", "{\"text\":\"a\",\"reply\":false}",
            "/turns/t1/edit", "{\"text\":\"a\"}",
            "/turns/RUN.1/regenerate", "{}",
            "/reply", "{}");
    asked.forEach((firstPath, first) -> {
      String room = roomWithAReply();
      ada().once("k1", room + firstPath.replace("RUN", run(room)), first).expect(202);
      if (!firstPath.contains("quiet")) {
        model.asked().says("second").finishes();
      }
      String before = before(room);
      asked.forEach((path, body) -> {
        if (!path.equals(firstPath)) {
          ada().once("k1", room + path.replace("RUN", run(room)), body).refused(422, REUSED);
        }
      });
      assertThat(before(room)).as(firstPath).isEqualTo(before);
      assertThat(model.isAsked()).as(firstPath).isFalse();
    });
  }

  /** What a room has, once it is idle. */
  private String before(String room) {
    awaitIdle(room);
    JsonNode it = ada().get(room).json();
    return it.path("turns").toString() + it.path("branches");
  }

  @Test
  void aKeySteersOnceAndRefusesAnotherMessage() {
    String room = room();
    String steer = "/runs/" + ask(room, "one") + "/steer";
    model.asked().says("Well");
    Awaitility.await()
        .until(() -> ada().get(room).json().path("runs").toString().contains("streaming"));
    JsonNode first = ada().once("k1", steer, "{\"text\":\"two\"}").expect(202).json();
    Puppet.Turn next = model.asked();
    JsonNode again = ada().once("k1", steer, "{\"text\":\"two\"}").expect(202).json();
    assertThat(again.path("turn")).isEqualTo(first.path("turn"));
    ada().once("k1", steer, "{\"text\":\"three\"}").refused(422, REUSED);
    next.says("done").finishes();
    awaitIdle(room);
    assertThat(model.isAsked()).isFalse();
  }

  @Test
  void aKeyHoldsAcrossARestart() throws Exception {
    JsonNode made = ada().once("k0", "/conversations", "{\"title\":\"Plans\"}").expect(201).json();
    String room = "/conversations/" + made.path("id").asString("");
    JsonNode said = ada().once("k1", room + "/turns", "{\"text\":\"a\"}").expect(202).json();
    model.asked().says("ok").finishes();
    awaitIdle(room);
    JsonNode reply = ada().once("k2", room + "/reply", "{}").expect(202).json();
    model.asked().says("ok").finishes();
    awaitIdle(room);

    restart();
    JsonNode madeAgain =
        ada().once("k0", "/conversations", "{\"title\":\"Plans\"}").expect(201).json();
    assertThat(madeAgain.path("id")).isEqualTo(made.path("id"));
    JsonNode saidAgain = ada().once("k1", room + "/turns", "{\"text\":\"a\"}").expect(202).json();
    assertThat(saidAgain.path("turn")).isEqualTo(said.path("turn"));
    assertThat(saidAgain.path("run")).isEqualTo(said.path("run"));
    JsonNode replyAgain = ada().once("k2", room + "/reply", "{}").expect(202).json();
    assertThat(replyAgain.path("run")).isEqualTo(reply.path("run"));
    ada().once("k1", room + "/turns", "{\"text\":\"b\"}").refused(422, REUSED);
    ada().once("k2", room + "/reply", "{\"persona\":\"poet\"}").refused(422, REUSED);
    assertThat(ada().get(room).json().path("turns").size()).isEqualTo(3);
    assertThat(model.isAsked()).isFalse();
  }

  @Test
  void aWrongKeyIsRefusedBeforeAnythingIsDoneAlsoWhereNoneIsNeeded() {
    String room = room();
    String run = ask(room, "one");
    Puppet.Turn turn = model.asked();
    for (String key : List.of("k".repeat(257), "")) {
      ada().once(key, "/runs/" + run + "/stop", "{}").refused(400, "bad_field");
      ada().once(key, room + "/turns", "{\"text\":\"a\"}").refused(400, "bad_field");
    }
    assertThat(turn.isStopped()).isFalse();
    turn.says("ok").finishes();
    awaitIdle(room);
    assertThat(ada().get(room).json().path("turns").size()).isEqualTo(2);
    ada().once("k".repeat(256), "/runs/" + run + "/stop", "{}").expect(202);
  }

  @Test
  void whatCannotBeMeantIsABadFieldUnderAKeyToo() {
    String room = room();
    String unlike = "{\"parts\":[{\"type\":\"text\"}]}";
    ada().once("k1", room + "/turns", unlike).refused(400, "bad_field");
  }
}
