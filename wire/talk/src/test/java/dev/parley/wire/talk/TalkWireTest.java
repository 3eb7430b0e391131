package dev.parley.wire.talk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.run.Puppet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Conversations over Socket.IO. */
@Timeout(60)
final class TalkWireTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private Stage stage;
  private Client ada;
  private Client ben;

  @BeforeEach
  void open() throws IOException {
    stage = new Stage(false);
    ada = client("ada");
    ben = client("ben");
    ada.must("conversation:create", "{\"id\":\"plans\",\"title\":\"Plans\"}");
    ada.must("member:set", "\"plans\"", "\"ben\"", "{\"role\":\"writer\"}");
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    stage.close();
  }

  private Client client(String person) {
    Client client = Client.of(stage.port(), person);
    opened.add(client);
    return client;
  }

  private Client token(String token) {
    Client client = new Client(stage.port(), JSON.createObjectNode().put("token", token));
    opened.add(client);
    var _ = client.greeting(); // before it, nothing may be asked
    return client;
  }

  private static JsonNode open(Client client) {
    return client.must("conversation:open", "\"plans\"");
  }

  /** Ada wants a reply; the model's side of it. */
  private Puppet.Turn ask(String run) {
    ada.must("turn:say", "\"plans\"", "{\"text\":\"hi\",\"run\":\"" + run + "\"}");
    return stage.model.asked();
  }

  @Test
  void eachEventIsWrittenDownAndNothingElse() throws IOException {
    String declared = Files.readString(Path.of("events.d.ts"));
    Set<String> written = new TreeSet<>();
    String ours = declared.substring(declared.indexOf("interface ClientToServerEvents"));
    Matcher name = Pattern.compile("\"([a-z]+:[a-z]+)\"").matcher(ours);
    while (name.find()) {
      written.add(name.group(1));
    }
    assertThat(written).isEqualTo(new TreeSet<>(stage.wire.events()));
    String readme = Files.readString(Path.of("README.md"));
    assertThat(written).allSatisfy(event -> assertThat(readme).contains("`" + event));
  }

  @Test
  void twoPeopleHearTheSameReplyAsItIsSaid() throws Exception {
    JsonNode snapshot = open(ada);
    open(ben);
    Puppet.Turn reply = ask("r1");
    reply.says("Hel");
    for (Client each : List.of(ada, ben)) {
      each.awaitWords("r1", "Hel");
      assertThat(each.ofRun("r1").getFirst().path("ai").booleanValue()).isTrue();
    }
    reply.says("lo").finishes();
    for (Client each : List.of(ada, ben)) {
      each.awaitState("r1", "finished");
      assertThat(each.words("r1")).isEqualTo("Hello");
      long first = snapshot.path("offset").longValue() + 1;
      await()
          .until(() ->
              each.came("conversation:event")
                  .getLast()
                  .at("/1/type")
                  .asString("")
                  .equals("run-finished"));
      assertThat(each.offsets())
          .isEqualTo(LongStream.range(first, first + each.offsets().size()).boxed().toList());
    }
    JsonNode turn = ada.must("conversation:get", "\"plans\"").path("turns").path(1);
    assertThat(turn.path("ai").booleanValue()).isTrue();
    assertThat(turn.at("/parts/0/text").asString("")).isEqualTo("Hello");
  }

  @Test
  void whoComesLateGetsTheTextSoFarInOneEventAndThenWhatComes() throws Exception {
    open(ada);
    Puppet.Turn reply = ask("r1");
    for (String word : List.of("a ", "b ", "c ")) {
      reply.says(word);
      await().until(() -> ada.words("r1").endsWith(word));
    }
    JsonNode snapshot = open(ben);
    assertThat(snapshot.at("/runs/0/run").asString("")).isEqualTo("r1");
    ben.awaitWords("r1", "a b c ");
    assertThat(ben.ofRun("r1").stream().filter(each -> each.has("text"))).hasSize(1);
    reply.says("d").finishes();
    ben.awaitState("r1", "finished");
    assertThat(ben.words("r1")).isEqualTo("a b c d");
  }

  @Test
  void whoComesBackWithItsOffsetsGetsWhatItMissedOnce() throws Exception {
    long tail = open(ben).path("offset").longValue();
    Puppet.Turn reply = ask("r1");
    reply.says("one ");
    ben.awaitWords("r1", "one ");
    await().until(() -> ben.offsets().size() >= 4); // said, asked for, begun, spoken
    long seen = ben.offsets().getLast();
    long inRun = ben.offsetOf("r1");
    ben.close();
    reply.says("two ");
    ada.must("conversation:change", "\"plans\"", "{\"title\":\"Other plans\"}");
    Client back = client("ben");
    JsonNode answer =
        back.must(
            "conversation:open",
            "\"plans\"",
            "{\"after\":" + seen + ",\"runs\":{\"r1\":" + inRun + "}}");
    assertThat(answer.has("turns") || answer.has("earlier") || answer.has("ended")).isFalse();
    assertThat(answer.path("offset").longValue()).isEqualTo(seen);
    reply.says("three").finishes();
    back.awaitState("r1", "finished");
    assertThat(back.words("r1")).isEqualTo("two three");
    await()
        .until(() ->
            back.came("conversation:event")
                .getLast()
                .at("/1/type")
                .asString("")
                .equals("run-finished"));
    List<Long> all = new ArrayList<>(ben.offsets());
    all.addAll(back.offsets());
    assertThat(all).isEqualTo(LongStream.rangeClosed(tail + 1, tail + all.size()).boxed().toList());
  }

  @Test
  void theEndOfARunThatEndedMeanwhileIsToldToWhoNamesIt() throws Exception {
    open(ben);
    Puppet.Turn reply = ask("r1");
    reply.says("one ");
    ben.awaitWords("r1", "one ");
    long inRun = ben.offsetOf("r1");
    ben.close();
    open(ada);
    reply.says("two").finishes();
    ada.awaitState("r1", "finished");
    Client back = client("ben");
    back.must("conversation:open", "\"plans\"", "{\"runs\":{\"r1\":" + inRun + "}}");
    back.awaitState("r1", "finished");
    assertThat(back.words("r1")).isEqualTo("two");
  }

  @Test
  void aSlowClientIsAnOffsetAndMissesNothing() throws Exception {
    open(ada);
    open(ben);
    ben.stopReading();
    String much = "x".repeat(30_000);
    for (int run = 0; run < 16; run++) { // more than may wait, and than the network takes
      Puppet.Turn reply = ask("r" + run);
      for (int i = 0; i < 30; i++) {
        reply.says(much + i);
      }
      reply.finishes();
      ada.awaitState("r" + run, "finished");
    }
    ben.readOn();
    ben.awaitState("r15", "finished");
    for (int run = 0; run < 16; run++) {
      assertThat(ben.words("r" + run)).isEqualTo(ada.words("r" + run)).hasSize(900_050);
    }
    await().until(() -> ben.offsets().equals(ada.offsets()));
  }

  @Test
  void repliesAreStoppedSteeredQueuedAndReplaced() throws Exception {
    open(ada);
    open(ben);
    Puppet.Turn first = ask("r1");
    first.says("on and on");
    ben.must("run:steer", "\"r1\"", "{\"text\":\"shorter\"}");
    Puppet.Turn steered = stage.model.asked();
    steered.says("ok");
    ada.awaitWords("r1", "on and onok");
    ben.must("turn:say", "\"plans\"", "{\"text\":\"and?\",\"run\":\"r2\"}");
    ada.awaitState("r2", "queued");
    ben.must(
        "turn:say",
        "\"plans\"",
        "{\"text\":\"now\",\"run\":\"r3\",\"reply\":{\"onBusy\":\"replace\"}}");
    ada.awaitState("r1", "stopped");
    stage.model.asked().says("yes");
    ada.awaitWords("r3", "yes");
    JsonNode stopped = ada.must("run:stop", "\"r3\"");
    assertThat(stopped.path("run").asString("")).isEqualTo("r3");
    ben.awaitState("r3", "stopped");
    assertThat(ben.ofRun("r3").getLast().path("by").asString("")).isEqualTo("ada");
  }

  @Test
  void aToolIsApprovedDeniedAndAnswered() throws Exception {
    open(ada);
    ask("r1").calls(0, "c1", "buy", "{}").ends(FinishReason.TOOL_CALLS);
    ada.awaitState("r1", "waiting-for-tool");
    assertThat(ada.ofRun("r1").getLast().at("/calls/0/approval").booleanValue()).isTrue();
    assertThat(ada.refused("run:result", "\"r1\"", "{\"call\":\"c1\",\"result\":1}"))
        .isEqualTo("call_unapproved");
    ada.must("run:approve", "\"r1\"", "{\"call\":\"c1\"}");
    ada.must("run:result", "\"r1\"", "{\"call\":\"c1\",\"result\":{\"bought\":1}}");
    stage.model.asked().calls(0, "c2", "buy", "{}").ends(FinishReason.TOOL_CALLS);
    await().until(() -> ada.ofRun("r1").getLast().at("/calls/0/id").asString("").equals("c2"));
    ada.must("run:deny", "\"r1\"", "{\"call\":\"c2\",\"reason\":\"too dear\"}");
    stage.model.asked().says("well").finishes();
    ada.awaitState("r1", "finished");
    assertThat(ada.must("run:get", "\"r1\"").path("text").asString("")).isEqualTo("well");
  }

  @Test
  void turnsAreEditedAndRegeneratedAsBranches() throws Exception {
    ada.must("turn:say", "\"plans\"", "{\"text\":\"hi\",\"turn\":\"t1\",\"run\":\"r1\"}");
    stage.model.asked().says("hello").finishes();
    await().until(() -> ada.must("conversation:get", "\"plans\"").path("turns").size() == 2);
    JsonNode edited =
        ada.must(
            "turn:edit",
            "\"plans\"",
            "\"t1\"",
            "{\"text\":\"ho\",\"newBranch\":\"b1\",\"run\":\"r2\"}");
    assertThat(edited.path("branch").asString("")).isEqualTo("b1");
    ada.must("conversation:open", "\"plans\"", "{\"branch\":\"b1\"}");
    stage.model.asked().says("hum").finishes();
    ada.awaitState("r2", "finished");
    assertThat(ada.words("r2")).isEqualTo("hum");
    JsonNode turns = ada.must("conversation:get", "\"plans\"", "{\"branch\":\"b1\"}").path("turns");
    ada.must(
        "turn:regenerate",
        "\"plans\"",
        turns.path(1).path("turn").toString(),
        "{\"branch\":\"b1\",\"newBranch\":\"b2\",\"run\":\"r3\"}");
    assertThat(ada.must("conversation:get", "\"plans\"").path("branches")).hasSize(3);
  }

  @Test
  void conversationsAreListedChangedReadAndDeleted() {
    open(ben);
    assertThat(ada.must("conversation:list").path("conversations")).hasSize(1);
    JsonNode changed =
        ada.must("conversation:change", "\"plans\"", "{\"title\":\"Trip\",\"persona\":\"poet\"}");
    assertThat(changed.path("title").asString("")).isEqualTo("Trip");
    assertThat(changed.at("/persona/id").asString("")).isEqualTo("poet");
    ben.must("conversation:read", "\"plans\"", "{\"offset\":2}");
    ada.must("conversation:change", "\"plans\"", "{\"archived\":true}");
    assertThat(ada.must("conversation:list", "{\"archived\":true}").path("conversations"))
        .hasSize(1);
    ada.must("conversation:delete", "\"plans\"");
    assertThat(ada.refused("conversation:get", "\"plans\"")).isEqualTo("no_conversation");
    await()
        .until(() ->
            ben.came("conversation:event").getLast().at("/1/type").asString("").equals("deleted"));
    assertThat(ada.must("persona:list").path("default").asString("")).isEqualTo("guide");
  }

  @Test
  void aLongConversationIsToldPageByPage() {
    for (int i = 0; i < 4; i++) {
      String turn = "{\"text\":\"x\",\"turn\":\"t" + i + "\",\"reply\":false}";
      ada.must("turn:say", "\"plans\"", turn);
    }
    JsonNode newest = ada.must("conversation:open", "\"plans\"", "{\"limit\":2}");
    assertThat(newest.path("you").asString("")).isEqualTo("ada");
    assertThat(newest.path("turns").findValuesAsString("turn")).containsExactly("t2", "t3");
    assertThat(newest.path("earlier").booleanValue()).isTrue();

    JsonNode first = ada.must("conversation:get", "\"plans\"", "{\"before\":\"t2\"}");
    assertThat(first.path("turns").findValuesAsString("turn")).containsExactly("t0", "t1");
    assertThat(first.path("earlier").booleanValue()).isFalse();
    assertThat(ada.refused("conversation:get", "\"plans\"", "{\"before\":\"nobody\"}"))
        .isEqualTo("no_turn");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{\"limit\":1001}"))
        .isEqualTo("bad_field");
  }

  @Test
  void peopleSeeWhoIsThereAndWhoTypes() {
    open(ada);
    open(ben);
    await().until(() -> ada.came("conversation:presence").getLast().at("/1/people").size() == 2);
    ben.must("conversation:typing", "\"plans\"");
    await().until(() -> ada.came("conversation:typing").size() == 1);
    assertThat(ada.came("conversation:typing").getFirst().path(1).toString())
        .isEqualTo("{\"person\":\"ben\",\"typing\":true,\"conversation\":\"plans\"}");
    ben.must("conversation:leave", "\"plans\"");
    await().until(() -> ada.came("conversation:presence").getLast().at("/1/people").size() == 1);
    assertThat(ben.came("conversation:typing")).isEmpty();
  }

  @Test
  void strangersFindNothingAndWhoIsRemovedHearsNothingMore() throws Exception {
    Client eve = client("eve");
    ask("r1").says("secret");
    for (String event : List.of("conversation:open", "conversation:get", "turn:say")) {
      String body = event.equals("turn:say") ? "{\"text\":\"x\"}" : "{}";
      assertThat(eve.refused(event, "\"plans\"", body)).isEqualTo("no_conversation");
    }
    for (String event : List.of("run:open", "run:get", "run:stop")) {
      assertThat(eve.refused(event, "\"r1\"")).isEqualTo("no_run");
    }
    open(ben);
    ben.awaitWords("r1", "secret");
    ada.must("member:remove", "\"plans\"", "\"ben\"");
    await()
        .until(
            () -> ben.came("conversation:ended").size() == 1 && ben.came("run:ended").size() == 1);
    assertThat(ben.came("conversation:ended").getFirst().at("/1/reason").asString(""))
        .isEqualTo("not_member");
    assertThat(ben.refused("conversation:open", "\"plans\"")).isEqualTo("no_conversation");
    assertThat(eve.came("run:event")).isEmpty();
  }

  @Test
  void oneRunIsFollowedWithoutItsConversation() throws Exception {
    Puppet.Turn reply = ask("r1");
    reply.says("a");
    JsonNode place = ben.must("run:open", "\"r1\"");
    assertThat(place.path("conversation").asString("")).isEqualTo("plans");
    ben.awaitWords("r1", "a");
    ben.must("run:leave", "\"r1\"");
    long seen = ben.offsetOf("r1");
    reply.says("b").finishes();
    ben.must("run:open", "\"r1\"", "{\"after\":" + seen + "}");
    ben.awaitState("r1", "finished");
    assertThat(ben.words("r1")).isEqualTo("ab");
    assertThat(ben.came("conversation:event")).isEmpty();
  }

  @Test
  void whatCannotBeMeantIsRefusedAndTheRestGoesOn() {
    assertThat(ada.refused("conversation:fly")).isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open")).isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open", "7")).isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open", "\"../x\"")).isEqualTo("no_conversation");
    assertThat(ada.refused("conversation:open", "\"plans\"", "[]")).isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{\"branch\":\"../x\"}"))
        .isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{\"branch\":\"none\"}"))
        .isEqualTo("no_branch");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{\"after\":-1}"))
        .isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{\"after\":99}")).isEqualTo("offset");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{\"runs\":[1]}"))
        .isEqualTo("bad_field");
    assertThat(ada.refused("conversation:open", "\"plans\"", "{}", "{}")).isEqualTo("bad_field");
    assertThat(ada.refused("turn:say", "\"plans\"", "{\"txt\":\"x\"}")).isEqualTo("bad_field");
    assertThat(ada.refused("turn:say", "\"plans\"", "{\"text\":\"x\",\"turn\":\"a/b\"}"))
        .isEqualTo("bad_field");
    assertThat(ada.refused("run:stop", "\"no such\"")).isEqualTo("no_run");
    assertThat(ada.refused("run:stop", "\"guessed\"")).isEqualTo("no_run");
    assertThat(ada.refused("conversation:list", "{\"limit\":0}")).isEqualTo("bad_field");
    assertThat(ada.must("conversation:list").path("conversations")).hasSize(1);
  }

  @Test
  void whoLeavesIsFollowedByNothing() throws Exception {
    open(ben);
    ask("r1").says("x");
    ben.awaitWords("r1", "x");
    ben.close();
    await().until(() -> stage.hub.followers(ConversationPaths.run("r1")) == 0);
    assertThat(stage.hub.followers(ConversationPaths.branch("plans", "main"))).isZero();
  }

  @Test
  void withKeysThePersonIsTheOneOfTheToken() throws Exception {
    stage.close();
    stage = new Stage(true);
    Client carol = token("carol");
    carol.must("conversation:create", "{\"id\":\"own\"}");
    assertThat(token("dave").refused("conversation:open", "\"own\"")).isEqualTo("no_conversation");
    JsonNode seen = token("admin").must("conversation:open", "\"own\"");
    assertThat(seen.path("members").path("carol").asString("")).isEqualTo("owner");
    assertThat(token("nobody").greeting().at("/data/code").asString("")).isEqualTo("forbidden");
  }
}
