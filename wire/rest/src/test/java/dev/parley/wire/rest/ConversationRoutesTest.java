package dev.parley.wire.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Conversations as a whole. */
final class ConversationRoutesTest extends RestTest {
  @Test
  void whatIsCreatedIsAnsweredWhole() {
    var created = ada().post("/conversations", "{\"title\":\"Plans\"}").expect(201);
    JsonNode it = created.json();
    String id = it.path("id").asString("");
    assertThat(id).hasSize(22);
    assertThat(created.response().headers().firstValue("location"))
        .hasValue("/api/conversations/" + id);
    assertThat(it.path("title").asString("")).isEqualTo("Plans");
    assertThat(it.path("role").asString("")).isEqualTo("owner");
    assertThat(it.path("members").toString()).isEqualTo("{\"ada\":\"owner\"}");
    assertThat(it.path("persona").toString()).isEqualTo("{\"id\":\"guide\",\"version\":1}");
    assertThat(it.path("personas").get(0).path("name").asString("")).isEqualTo("Guide");
    assertThat(it.path("offset").asLong(0)).isEqualTo(1);
    assertThat(ada().get("/conversations/" + id).expect(200).json()).isEqualTo(it);
  }

  @Test
  void creatingAgainUnderTheSameNameIsARetryForItsOwnerAndAConflictForOthers() {
    ada().post("/conversations", "{\"id\":\"mine\"}").expect(201);
    ada().post("/conversations", "{\"id\":\"mine\"}").expect(200);
    var refused = ben().post("/conversations", "{\"id\":\"mine\"}");
    refused.refused(409, "conversation_exists");
    assertThat(refused.json().path("error").path("number").asInt(0)).isEqualTo(4002);
  }

  @Test
  void aKeyMakesAConversationOnce() {
    JsonNode it = ada().once("k1", "/conversations", "{\"title\":\"Plans\"}").expect(201).json();
    String id = it.path("id").asString("");
    ada().send("PATCH", "/conversations/" + id, "{\"title\":\"Other\"}").expect(200);

    JsonNode again = ada().once("k1", "/conversations", "{\"title\":\"Plans\"}").expect(201).json();
    assertThat(again.path("id").asString("")).isEqualTo(id);
    ada()
        .once("k1", "/conversations", "{\"title\":\"Trips\"}")
        .refused(422, "idempotency_key_reused");
    ada()
        .once("k1", "/conversations", "{\"title\":\"Plans\",\"persona\":\"poet\"}")
        .refused(422, "idempotency_key_reused");
    ada().once("k2", "/conversations", "{\"id\":\"mine\"}").refused(400, "bad_field");
    ada().once("k".repeat(257), "/conversations", "{}").refused(400, "bad_field");
    assertThat(
            ben()
                .once("k1", "/conversations", "{\"title\":\"Plans\"}")
                .expect(201)
                .json()
                .path("id"))
        .isNotEqualTo(it.path("id"));
    assertThat(ada().get("/conversations").json().path("conversations").size()).isEqualTo(1);
  }

  @Test
  void whoOneIsStandsInTheListAndInASnapshot() {
    String room = sharedRoom();
    assertThat(ben().get("/conversations").json().path("you").asString("")).isEqualTo("ben");
    assertThat(ada().get(room).json().path("you").asString("")).isEqualTo("ada");
  }

  @Test
  void aLongConversationIsToldPageByPage() {
    String room = room();
    for (int i = 0; i < 205; i++) {
      String turn = "{\"text\":\"x\",\"turn\":\"t" + i + "\",\"reply\":false}";
      ada().post(room + "/turns", turn).expect(202);
    }
    JsonNode newest = ada().get(room).json();
    assertThat(newest.path("turns").size()).isEqualTo(200);
    assertThat(newest.at("/turns/0/turn").asString("")).isEqualTo("t5");
    assertThat(newest.path("earlier").asBoolean(false)).isTrue();

    JsonNode middle = ada().get(room + "?before=t5&limit=3").json();
    assertThat(middle.path("turns").findValuesAsString("turn")).containsExactly("t2", "t3", "t4");
    assertThat(middle.path("earlier").asBoolean(false)).isTrue();
    JsonNode first = ada().get(room + "?before=t2").json();
    assertThat(first.path("turns").findValuesAsString("turn")).containsExactly("t0", "t1");
    assertThat(first.path("earlier").asBoolean(true)).isFalse();
    ada().get(room + "?before=nobody").refused(404, "no_turn");
    ada().get(room + "?limit=0").refused(400, "bad_field");
  }

  @Test
  void aListIsCompleteAsSoonAsAWriteIsAnswered() {
    for (int i = 0; i < 20; i++) {
      String room = sharedRoom();
      ada().post(room + "/turns", "{\"text\":\"news " + i + "\",\"reply\":false}").expect(202);
      JsonNode first = ben().get("/conversations").expect(200).json().path("conversations").get(0);
      assertThat("/conversations/" + first.path("id").asString("")).isEqualTo(room);
      assertThat(first.path("unread").asInt(0)).isEqualTo(1);
      assertThat(first.path("role").asString("")).isEqualTo("writer");
      assertThat(first.path("lastTurn").path("preview").asString("")).isEqualTo("news " + i);
      assertThat(first.path("lastTurn").path("author").path("person").asString(""))
          .isEqualTo("ada");
    }
    assertThat(ben().get("/conversations?limit=3").json().path("conversations").size())
        .isEqualTo(3);
    ben().get("/conversations?limit=0").refused(400, "bad_field");
    ben().get("/conversations?archived=maybe").refused(400, "bad_field");
  }

  @Test
  void whatWasReadIsNotUnread() {
    String room = sharedRoom();
    long offset =
        ada()
            .post(room + "/turns", "{\"text\":\"hi\",\"reply\":false}")
            .json()
            .path("offset")
            .asLong(0);
    ben().post(room + "/read", "{\"offset\":" + offset + "}").expect(204);
    JsonNode line = ben().get("/conversations").json().path("conversations").get(0);
    assertThat(line.path("unread").asInt(-1)).isZero();
    assertThat(ben().get(room).json().path("readUpTo").asLong(0)).isEqualTo(offset);
    ben().post(room + "/read", "{\"offset\":99}").refused(400, "offset");
    ben().post(room + "/read", "{}").refused(400, "bad_field");
  }

  @Test
  void titlePersonaAndArchiveAreChangedTogether() {
    String room = room();
    JsonNode changed =
        ada().send("PATCH", room, "{\"title\":\"New\",\"persona\":\"poet\"}").expect(200).json();
    assertThat(changed.path("title").asString("")).isEqualTo("New");
    assertThat(changed.path("persona").path("id").asString("")).isEqualTo("poet");

    ada().send("PATCH", room, "{\"archived\":true}").expect(200);
    assertThat(ada().get("/conversations").json().path("conversations").size()).isZero();
    assertThat(ada().get("/conversations?archived=true").json().path("conversations").size())
        .isEqualTo(1);
    ada().post(room + "/turns", "{\"text\":\"x\"}").refused(409, "archived");

    ada().send("PATCH", room, "{\"archived\":false,\"title\":\"Back\"}").expect(200);
    assertThat(ada().get("/conversations").json().path("conversations").size()).isEqualTo(1);
    ada().send("PATCH", room, "{}").refused(400, "bad_field");
    ada().send("PATCH", room, "{\"titel\":\"x\"}").refused(400, "bad_field");
    ada().send("PATCH", room, "{\"persona\":\"nobody\"}").refused(400, "bad_field");
  }

  @Test
  void whatIsDeletedIsGoneForAll() {
    String room = sharedRoom();
    String run = ask(room, "hi");
    ben().send("DELETE", room, "").refused(403, "forbidden");
    try (var events = ben().follow(room + "/events")) {
      ada().send("DELETE", room, "").expect(204);
      assertThat(events.rest()).isNotEmpty();
    }
    org.awaitility.Awaitility.await()
        .untilAsserted(() -> {
          ada().get(room).refused(404, "no_conversation");
          ada().get("/runs/" + run).refused(404, "no_run");
        });
    assertThat(ada().get("/conversations").json().path("conversations").size()).isZero();
    assertThat(ben().get("/conversations").json().path("conversations").size()).isZero();
  }

  @Test
  void toStrangersNothingIsThere() throws Exception {
    String room = room();
    String run = ask(room, "secret");
    model.asked().says("also secret");
    ben().get(room).refused(404, "no_conversation");
    ben().get("/conversations/none").refused(404, "no_conversation");
    ben().get("/conversations/" + "x".repeat(80)).refused(404, "no_conversation");
    ben().get(room + "/events").refused(404, "no_conversation");
    ben().send("PATCH", room, "{\"title\":\"x\"}").refused(404, "no_conversation");
    ben().send("DELETE", room, "").refused(404, "no_conversation");
    ben()
        .send("PUT", room + "/members/ben", "{\"role\":\"owner\"}")
        .refused(404, "no_conversation");
    ben().send("DELETE", room + "/members/ada", "").refused(404, "no_conversation");
    for (String end : List.of("/turns", "/turns/x/edit")) {
      ben().post(room + end, "{\"text\":\"x\"}").refused(404, "no_conversation");
    }
    for (String end : List.of("/turns/x/regenerate", "/reply", "/warm", "/typing")) {
      ben().post(room + end, "{}").refused(404, "no_conversation");
    }
    ben().post(room + "/read", "{\"offset\":1}").refused(404, "no_conversation");
    for (String guess : List.of(run, "guessed", "no such name!".replace(" ", "%20"))) {
      String address = "/runs/" + guess;
      ben().get(address).refused(404, "no_run");
      assertThat(ben().follow(address).status).isEqualTo(404);
      assertThat(ben().follow(address, "1").status).isEqualTo(404);
      ben().post(address + "/stop", "{}").refused(404, "no_run");
      ben().post(address + "/steer", "{\"text\":\"x\"}").refused(404, "no_run");
      ben().post(address + "/approve", "{\"call\":\"c\"}").refused(404, "no_run");
      ben().post(address + "/deny", "{\"call\":\"c\"}").refused(404, "no_run");
      ben().post(address + "/result", "{\"call\":\"c\",\"result\":1}").refused(404, "no_run");
    }
    assertThat(ben().get("/conversations").json().path("conversations").size()).isZero();
  }

  @Test
  void membersComeAndGoByTheirOwners() {
    String room = sharedRoom();
    ben().send("PUT", room + "/members/cy", "{\"role\":\"reader\"}").refused(403, "forbidden");
    ada().send("PUT", room + "/members/cy", "{\"role\":\"king\"}").refused(400, "bad_field");
    ada().send("PUT", room + "/members/cy%20dee", "{\"role\":\"reader\"}").expect(204);
    assertThat(ada().get(room).json().path("members").path("cy dee").asString(""))
        .isEqualTo("reader");
    ada().send("DELETE", room + "/members/ada", "").refused(409, "last_owner");
    ada().send("DELETE", room + "/members/nobody", "").refused(404, "no_member");
    ben().send("DELETE", room + "/members/ben", "").expect(204);
    ben().get(room).refused(404, "no_conversation");
  }

  @Test
  void whoIsRemovedHearsNothingMore() throws Exception {
    String room = sharedRoom();
    String run = ask(room, "hi");
    var reply = model.asked().says("before");
    try (var events = ben().follow(room + "/events");
        var words = ben().follow("/runs/" + run)) {
      var _ = events.nextOf("run-started");
      ada().send("DELETE", room + "/members/ben", "").expect(204);
      List<Client.Event> rest = new ArrayList<>(words.rest());
      assertThat(rest).noneMatch(event -> event.data().contains("after"));
      assertThat(events.rest()).isNotEmpty();
    }
    reply.says("after").finishes();
    assertThat(ben().follow(room + "/events").status).isEqualTo(404);
  }

  @Test
  void tokensTellWhoSomebodyIs() {
    ada().post("/conversations", "{\"id\":\"a\"}").expect(201);
    Client.token(stage(), "ada").get("/conversations/a").expect(200);
    Client.token(stage(), "ben").get("/conversations/a?person=ada").refused(404, "no_conversation");
    Client.token(stage(), "nobody").get("/conversations/a").refused(403, "forbidden");
    Client.person(stage(), "").get("/conversations/a?person=ada").expect(404);
    Client.token(stage(), "app").get("/conversations/a").refused(404, "no_conversation");
  }

  @Test
  void whoAdministratesReadsAllAndSaysNothing() throws Exception {
    String room = room();
    String run = ask(room, "hi");
    model.asked().says("hello").finishes();
    Client admin = Client.token(stage(), "admin");
    JsonNode seen = admin.get(room).expect(200).json();
    assertThat(seen.has("role")).isFalse();
    admin.get("/runs/" + run).expect(200);
    try (var events = admin.follow(room + "/events")) {
      assertThat(events.next().json().path("type").asString("")).isEqualTo("created");
    }
    admin.post(room + "/turns", "{\"text\":\"x\"}").refused(404, "no_conversation");
    // Without keys everybody may administrate, but reads what is theirs.
    ben().get(room).refused(404, "no_conversation");
  }

  @Test
  void badRequestsGetAClearAnswer() {
    String room = room();
    for (String broken : List.of("{", "[]", "1", "{} {}", "{\"a\":" + "[".repeat(100) + "}")) {
      ada().post(room + "/turns", broken).refused(400, "bad_json");
    }
    for (String wrong :
        List.of(
            "{}",
            "{\"text\":1}",
            "{\"text\":\"a\",\"parts\":[]}",
            "{\"text\":\"a\",\"reply\":\"yes\"}",
            "{\"text\":\"a\",\"reply\":{\"onBusy\":\"shout\"}}",
            "{\"text\":\"a\",\"reply\":{\"persona\":\"nobody\"}}",
            "{\"text\":\"a\",\"reply\":{\"mood\":1}}",
            "{\"text\":\"a\",\"turn\":\"no name\"}",
            "{\"text\":\"a\",\"run\":\"a.b\"}",
            "{\"text\":\"a\",\"ai\":1}",
            "{\"parts\":[{\"type\":\"tool-result\",\"callId\":\"c\",\"result\":\"1\"}]}",
            "{\"parts\":[{\"type\":\"text\"}]}",
            "{\"parts\":{}}")) {
      ada().post(room + "/turns", wrong).refused(400, "bad_field");
    }
    ada().post(room + "/turns", "{\"parts\":[]}").refused(413, "turn_size");
    ada()
        .post(room + "/turns", "{\"text\":\"" + "x".repeat(300_000) + "\"}")
        .refused(413, "turn_size");
    ada()
        .post(room + "/turns", "{\"text\":\"" + "x".repeat(3_000_000) + "\"}")
        .refused(413, "body_too_large");
    ada().post("/conversations", "{\"id\":\"no name\"}").refused(400, "bad_field");
    ada()
        .post("/conversations", "{\"title\":\"" + "x".repeat(300) + "\"}")
        .refused(400, "bad_field");
    ada().get("/conversations/x/nothing").refused(404, "not_found");
    var other = ada().send("PUT", "/conversations", "{}");
    other.refused(405, "bad_method");
    assertThat(other.response().headers().firstValue("allow")).hasValue("GET, POST");
    assertThat(ada().get(room).json().path("turns").size()).isZero();
  }
}
