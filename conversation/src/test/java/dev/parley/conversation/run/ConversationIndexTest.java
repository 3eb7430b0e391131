package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.conversation.Command;
import dev.parley.conversation.ConversationList.Line;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.Role;
import dev.parley.stream.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each person's conversations, kept up to date. */
@Timeout(60)
final class ConversationIndexTest {
  private final Stage stage = new Stage();
  private ConversationIndex index = ConversationIndex.open(stage.hub);

  @AfterEach
  void close() {
    index.close();
    stage.close();
  }

  private List<String> of(String person, boolean archived) {
    return Stage.get(index.of(person, archived)).stream().map(Line::conversation).toList();
  }

  @Test
  void anAnswerHasAllThatWasAnsweredBefore() {
    for (int i = 0; i < 50; i++) {
      String room = stage.room();
      assertThat(of("ada", false)).contains(room);
      stage.done(room, new Command.AddMember("ada", "ben", Role.READER));
      stage.done(room, stage.say("hi " + i, null));
      Line line = Stage.get(index.of("ben", false)).getFirst();
      assertThat(line.conversation()).isEqualTo(room);
      assertThat(line.unread()).isEqualTo(1);
      stage.done(room, new Command.Archive("ada"));
      assertThat(of("ada", false)).doesNotContain(room);
      assertThat(of("ada", true)).contains(room);
    }
  }

  @Test
  void whatIsThereAtTheStartIsReadWithAllBranches() {
    String room = stage.room();
    stage.done(room, stage.say("one", null));
    String turn =
        Stage.get(
            stage.conversations.view(
                room,
                it -> java.util.Objects.requireNonNull(it.branch("main")).turns().getFirst().id()));
    stage.done(
        room,
        new Command.Edit(
            "ada",
            "main",
            turn,
            "a-branch",
            "t-edited",
            null,
            false,
            List.of(new dev.parley.conversation.TurnPart.Text("uno")),
            null));
    index.close();
    index = ConversationIndex.open(stage.hub);
    Line line = Stage.get(index.of("ada", false)).getFirst();
    assertThat(line.title()).isEqualTo("Plans");
    assertThat(line.lastTurn()).isNotNull().extracting("preview").isEqualTo("uno");
    assertThat(line.unread()).isZero();
  }

  @Test
  void whatIsDeletedGoesAndAnotherOfThatNameIsAnother() {
    for (int i = 0; i < 50; i++) { // it is deleted at any moment of the reading
      String room = stage.room();
      stage.done(room, stage.say("old", null));
      stage.done(room, new Command.Delete("ada"));
      assertThat(of("ada", false)).isEmpty();
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> Stage.get(stage.hub.head(ConversationPaths.branch(room, "main"))).isEmpty());
      stage.done(room, new Command.Create(room, "ben", "New", Stage.GUIDE));
      assertThat(of("ada", false)).isEmpty();
      List<Line> lines = Stage.get(index.of("ben", false));
      assertThat(lines).hasSize(i + 1).allMatch(line -> line.title().equals("New"));
      assertThat(lines).allMatch(line -> line.lastTurn() == null);
    }
  }

  @Test
  void howeverFarItFallsBehindItLosesNothing() {
    List<String> rooms = new ArrayList<>();
    BlockingQueue<String> left = new LinkedBlockingQueue<>();
    CompletableFuture<Void> gate = new CompletableFuture<>();
    index.onLeft((conversation, person) -> {
      left.add(conversation + " " + person);
      gate.join(); // its thread stands still
    });
    String first = stage.room();
    stage.done(first, new Command.AddMember("ada", "ben", Role.WRITER));
    stage.done(first, new Command.RemoveMember("ada", "ben"));
    take(left, first + " ben");
    List<CompletableFuture<Answer>> made = new ArrayList<>();
    for (int i = 0; i < 11_000; i++) { // more names than are kept
      String room = "many-" + i;
      rooms.add(room);
      made.add(stage.conversations.submit(room, new Command.Create(room, "cy", "", Stage.GUIDE)));
      if (made.size() == 500) {
        made.forEach(Stage::get);
        made.clear();
      }
    }
    made.forEach(Stage::get);
    CompletableFuture<List<Line>> asked = index.of("cy", false);
    assertThat(asked).isNotDone();
    gate.complete(null);
    assertThat(Stage.get(asked).stream().map(Line::conversation))
        .containsExactlyInAnyOrderElementsOf(rooms);
  }

  private static void take(BlockingQueue<String> from, String expected) {
    try {
      assertThat(from.poll(20, TimeUnit.SECONDS)).isEqualTo(expected);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatIsNoEventIsPassedOver() {
    String room = stage.room();
    stage.append(ConversationPaths.branch(room, "main"), "{\"no\":1}");
    stage.append(ConversationPaths.branch(room, "main"), "nothing");
    stage.done(room, new Command.Rename("ada", "Still here"));
    assertThat(Stage.get(index.of("ada", false)).getFirst().title()).isEqualTo("Still here");
    assertThat(of("nobody", false)).isEmpty();
  }

  @Test
  void aClosedOneRefuses() {
    index.close();
    assertThatThrownBy(() -> Stage.get(index.of("ada", false)))
        .hasCauseInstanceOf(StoreException.class);
  }
}
