package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.RunState;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.limit.Slots;
import dev.parley.conversation.limit.SlotsConfig;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Conversations and their replies on real streams; the model is the test. */
@Timeout(60)
final class ConversationsTest {
  private final Stage stage = new Stage();

  @AfterEach
  void close() {
    stage.close();
  }

  @Test
  void aReplyIsShownInItsStreamAndThenStandsInTheConversation() {
    String room = stage.room();
    String run = stage.ask(room, "Hello?");
    Puppet.Turn turn = stage.model.asked();
    assertThat(turn.prompt.turns()).hasSize(2);

    turn.says("Good", " morning");
    stage.awaitShown(run, "Good morning");
    assertThat(stage.state(room, run)).isInstanceOf(RunState.Streaming.class);
    turn.says(", Ada.").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.end(run).path("usage").path("output").intValue()).isEqualTo(5);
    assertThat(stage.shown(run)).isEqualTo("Good morning, Ada.");
    assertThat(stage.transcript(room)).containsExactly("Hello?", "ai: Good morning, Ada.");
    assertThat(stage.runStream(run).getFirst().path("conversation").stringValue()).isEqualTo(room);
    assertThat(stage.runStream(run).getFirst().path("ai").booleanValue()).isTrue();
  }

  @Test
  void manyRepliesAtOnceAreEachCompleteAndInOrder() {
    List<String> rooms = new ArrayList<>();
    List<String> runs = new ArrayList<>();
    List<Puppet.Turn> turns = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      rooms.add(stage.room());
      runs.add(stage.ask(rooms.getLast(), "Count."));
      turns.add(stage.model.asked());
    }
    for (int word = 0; word < 50; word++) {
      for (Puppet.Turn turn : turns) {
        turn.says(word + " ");
      }
    }
    turns.forEach(Puppet.Turn::finishes);

    StringBuilder all = new StringBuilder();
    for (int word = 0; word < 50; word++) {
      all.append(word).append(' ');
    }
    for (int i = 0; i < runs.size(); i++) {
      assertThat(stage.end(runs.get(i)).path("state").stringValue()).isEqualTo("finished");
      assertThat(stage.shown(runs.get(i))).isEqualTo(all.toString());
      assertThat(stage.transcript(rooms.get(i))).containsExactly("Count.", "ai: " + all);
    }
  }

  @Test
  void stopEndsTheGenerationAtOnceAndKeepsWhatWasShown() {
    String room = stage.room();
    String run = stage.ask(room, "Tell me all.");
    Puppet.Turn turn = stage.model.asked().says("First of all");

    Answer.Done done = stage.done(room, new Command.Stop("ada", run, List.of()));
    turn.awaitStopped();
    turn.says(" this is not heard any more").finishes();

    assertThat(done.run()).isEqualTo(run);
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("stopped");
    assertThat(stage.end(run).path("by").stringValue()).isEqualTo("ada");
    assertThat(stage.shown(run)).isEqualTo("First of all");
    assertThat(stage.transcript(room)).containsExactly("Tell me all.", "ai: First of all");
    assertThat(stage.done(room, new Command.Stop("ada", run, List.of())).run()).isEqualTo(run);
  }

  @Test
  void aStopIsStoredBehindTheWordsItCutsOff() {
    CompletableFuture<Void> words = new CompletableFuture<>();
    List<Boolean> behind = new CopyOnWriteArrayList<>();
    try (Stage slow =
        new Stage(
            Stage.appending((append, store) -> {
              String text =
                  append.messages().stream()
                      .map(each -> new String(each.bytes(), StandardCharsets.UTF_8))
                      .collect(Collectors.joining());
              if (text.contains("run-stopped")) {
                behind.add(words.isDone());
              }
              return text.contains("Gone") ? words.thenCompose(_ -> store.get()) : store.get();
            }))) {
      String room = slow.room();
      String run = slow.ask(room, "Tell me all.");
      Puppet.Turn turn = slow.model.asked().says("Gone with");
      CompletableFuture<Answer> stop =
          slow.conversations.submit(room, new Command.Stop("ada", run, List.of()));
      turn.awaitStopped();
      slow.room(); // time to write the stop, if it did not wait
      slow.room();
      words.complete(null);

      assertThat(Stage.get(stop)).isInstanceOf(Answer.Done.class);
      assertThat(behind).containsExactly(true);
      assertThat(slow.end(run).path("state").stringValue()).isEqualTo("stopped");
      assertThat(slow.shown(run)).isEqualTo("Gone with");
    }
  }

  @Test
  void strangersStopNothing() {
    String room = stage.room();
    String run = stage.ask(room, "Go on.");
    Puppet.Turn turn = stage.model.asked().says("a");

    assertThat(stage.submit(room, new Command.Stop("eve", run, List.of())))
        .isInstanceOfSatisfying(
            Answer.Refused.class,
            it -> assertThat(it.refusal()).isEqualTo(Refusal.NO_CONVERSATION));
    turn.says("b").finishes();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.shown(run)).isEqualTo("ab");
  }

  @Test
  void steeringEndsOneTurnAndAsksAgainWithTheWordInMind() {
    String room = stage.room();
    String run = stage.ask(room, "Write a poem.");
    Puppet.Turn first = stage.model.asked().says("Roses are");
    stage.done(
        room,
        new Command.Steer(
            "ada", run, "s1", null, false, List.of(new TurnPart.Text("In German!")), List.of()));
    first.awaitStopped();
    Puppet.Turn second = stage.model.asked();
    second.says("Rosen sind").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(second.prompt.turns()).hasSize(4);
    assertThat(stage.transcript(room))
        .containsExactly("Write a poem.", "ai: Roses are", "In German!", "ai: Rosen sind");
    assertThat(stage.shown(run)).isEqualTo("Roses areRosen sind");
  }

  @Test
  void aSecondQuestionWaitsItsTurnAndItsStreamSaysWhere() {
    String room = stage.room();
    String first = stage.ask(room, "One?");
    Puppet.Turn turn = stage.model.asked();
    String second = stage.ask(room, "Two?");
    String third = stage.ask(room, "Three?");
    assertThat(stage.state(room, third)).isEqualTo(new RunState.Queued(2));

    turn.says("1").finishes();
    stage.model.asked().says("2").finishes();
    stage.model.asked().says("3").finishes();

    for (String run : List.of(first, second, third)) {
      assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    }
    assertThat(stage.runStream(third).stream().map(m -> m.path("position").asInt(0)))
        .containsSubsequence(2, 1);
    assertThat(stage.transcript(room))
        .containsExactly("One?", "ai: 1", "Two?", "ai: 2", "Three?", "ai: 3");
  }

  @Test
  void repliesBeyondWhatAProviderGivesWaitAndSayWhere() {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Slots slots = new Slots("puppet", new SlotsConfig(1, 1, 2, 2, Duration.ofMillis(10)), timer);
    stage.slots = slots;
    String one = stage.ask(stage.room(), "One?");
    Puppet.Turn turn = stage.model.asked();
    String room = stage.room();
    String two = stage.ask(room, "Two?");
    String three = stage.ask(stage.room(), "Three?");
    String four = stage.ask(stage.room(), "Four?");

    assertThat(stage.end(four).path("reason").stringValue()).isEqualTo("queue-full");
    assertThat(stage.state(room, two)).isEqualTo(new RunState.Queued(1));
    Awaitility.await()
        .until(
            () -> stage.runStream(three).stream().anyMatch(m -> m.path("position").asInt(0) == 2));
    turn.finishes();
    stage.model.asked().says("2").finishes();
    stage.model.asked().says("3").finishes();
    for (String run : List.of(one, two, three)) {
      assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    }
    assertThat(slots.stats().running()).isZero();
    timer.shutdownNow();
  }

  @Test
  void aReplyThatIsStoppedWhileItWaitsGivesItsPlaceAway() {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Slots slots = new Slots("puppet", new SlotsConfig(1, 1, 9, 9, Duration.ofMillis(10)), timer);
    stage.slots = slots;
    String one = stage.ask(stage.room(), "One?");
    Puppet.Turn turn = stage.model.asked();
    String room = stage.room();
    String two = stage.ask(room, "Two?");
    stage.done(room, new Command.Stop("ada", two, List.of()));
    assertThat(stage.end(two).path("state").stringValue()).isEqualTo("stopped");
    turn.finishes();

    assertThat(stage.end(one).path("state").stringValue()).isEqualTo("finished");
    Awaitility.await().until(() -> slots.stats().running() == 0);
    assertThat(stage.model.isAsked()).isFalse();
    timer.shutdownNow();
  }

  @Test
  void aQuestionThatReplacesStopsTheReplyBeforeIt() {
    String room = stage.room();
    String first = stage.ask(room, "One?");
    Puppet.Turn turn = stage.model.asked().says("Uno");
    stage.done(
        room, stage.say("Two?", new Command.Ask("instead", null, OnBusy.REPLACE, List.of())));
    turn.awaitStopped();
    stage.model.asked().says("2").finishes();

    assertThat(stage.end(first).path("state").stringValue()).isEqualTo("stopped");
    assertThat(stage.end("instead").path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.transcript(room)).containsExactly("One?", "ai: Uno", "Two?", "ai: 2");
  }

  @Test
  void aProviderThatFailsEndsTheRunWithItsReason() {
    String room = stage.room();
    String run = stage.ask(room, "Hello?");
    stage.model.asked().says("Well").fails(Failure.Code.DISCONNECTED);

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("failed");
    assertThat(stage.end(run).path("reason").stringValue()).isEqualTo("disconnected");
    assertThat(stage.end(run).path("retryable").booleanValue()).isTrue();
    assertThat(stage.transcript(room)).containsExactly("Hello?", "ai: Well");
  }

  @Test
  void aReplyWithoutEndIsCutOff() {
    String room = stage.room();
    String run = stage.ask(room, "Go on for ever.");
    Puppet.Turn turn = stage.model.asked();
    for (int i = 0; i < 65; i++) {
      turn.says("x".repeat(1024));
    }
    turn.awaitStopped();

    assertThat(stage.end(run).path("reason").stringValue()).isEqualTo("too-large");
  }

  @Test
  void aToolIsCalledAndItsResultIsAskedWith() {
    String room = stage.room();
    String run = stage.ask(room, "Weather?");
    stage
        .model
        .asked()
        .says("Let me see.")
        .hears(new Delta.ToolCall(0, "c1", "weather"))
        .hears(new Delta.ToolArguments(0, "{\"city\":"))
        .hears(new Delta.ToolArguments(0, "\"Rome\"}"))
        .ends(FinishReason.TOOL_CALLS);
    stage.awaitState(room, run, RunState.WaitingForTool.class);
    stage.toolAnswers.complete(new ToolOutcome.Result("{\"sky\":\"blue\"}"));
    Puppet.Turn second = stage.model.asked();
    second.says("Blue.").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.called).hasSize(1);
    assertThat(stage.called.getFirst().argumentsJson()).isEqualTo("{\"city\":\"Rome\"}");
    assertThat(second.prompt.turns().getLast().parts())
        .containsExactly(new TurnPart.ToolResult("c1", "{\"sky\":\"blue\"}"));
    assertThat(stage.end(run).path("usage").path("input").intValue()).isEqualTo(20);
  }

  @Test
  void aCallThatNoTurnCanHoldFailsTheReplyInsteadOfHangingIt() {
    String room = stage.room();
    for (String id : List.of("", "a\u0000b", "x".repeat(300))) {
      String run = stage.ask(room, "Call something.");
      Puppet.Turn turn =
          stage.model.asked().says("Calling.").hears(new Delta.ToolCall(0, id, "buy"));
      turn.awaitStopped();

      assertThat(stage.end(run).path("reason").stringValue()).isEqualTo("malformed");
      assertThat(stage.shown(run)).isEqualTo("Calling.");
    }
  }

  @Test
  void halfACharacterInTheArgumentsOfCallsInTurnsIsReplaced() {
    String room = stage.room();
    String run = stage.ask(room, "Call.");
    stage
        .model
        .asked()
        .hears(new Delta.ToolCall(0, "a", "buy"))
        .hears(new Delta.ToolCall(1, "b", "buy"))
        .hears(new Delta.ToolArguments(0, "\uD83D"))
        .ends(FinishReason.TOOL_CALLS);
    stage.awaitState(room, run, RunState.WaitingForTool.class);

    assertThat(stage.runStream(run).stream().map(m -> m.path("arguments").asString("")))
        .contains("?");
  }

  @Test
  void aRunThatWasTakenFromAConversationGivesItsSlotBack() {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Slots slots = new Slots("puppet", new SlotsConfig(9, 9, 9, 9, Duration.ofMillis(10)), timer);
    stage.slots = slots;
    String run = stage.ask(stage.room(), "Mine.");
    Puppet.Turn turn = stage.model.asked();
    String other = stage.room();

    assertThat(stage.submit(other, stage.say("That one.", new Command.Ask(run))))
        .isInstanceOf(Answer.Refused.class);
    stage.done(other, stage.say("Read again.", null));
    Awaitility.await().until(() -> slots.stats().running() == 1);
    turn.finishes();
    Awaitility.await().until(() -> slots.stats().running() == 0);
    timer.shutdownNow();
  }

  @Test
  void aToolThatNeedsApprovalWaitsForAPerson() {
    String room = stage.room();
    String run = stage.ask(room, "Buy it.");
    stage
        .model
        .asked()
        .hears(new Delta.ToolCall(0, "c1", "buy"))
        .hears(new Delta.ToolArguments(0, "{}"))
        .ends(FinishReason.TOOL_CALLS);
    stage.awaitState(room, run, RunState.WaitingForTool.class);
    assertThat(stage.called).isEmpty();

    stage.toolAnswers.complete(
        new ToolOutcome.Failed(ToolOutcome.Reason.TIMEOUT, "No answer in 30 s."));
    stage.done(room, new Command.ApproveTool("ada", run, "c1"));
    Puppet.Turn second = stage.model.asked();

    assertThat(((TurnPart.ToolResult) second.prompt.turns().getLast().parts().getFirst()).json())
        .contains("timeout");
    second.says("Sorry.").finishes();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
  }

  @Test
  void editingBeginsABranchWithAReplyOfItsOwn() {
    String room = stage.room();
    String run = stage.ask(room, "Helo?");
    stage.model.asked().says("What?").finishes();
    var _ = stage.end(run);
    String turn =
        Stage.<String>get(
            stage.conversations.view(
                room,
                it -> java.util.Objects.requireNonNull(it.branch("main")).turns().getFirst().id()));

    stage.done(
        room,
        new Command.Edit(
            "ada",
            "main",
            turn,
            "better",
            "t9",
            null,
            false,
            List.of(new TurnPart.Text("Hello?")),
            new Command.Ask("r9")));
    stage.model.asked().says("Hi!").finishes();

    assertThat(stage.end("r9").path("state").stringValue()).isEqualTo("finished");
    assertThat(
            Stage.<List<String>>get(
                stage.conversations.view(
                    room,
                    it ->
                        java.util.Objects.requireNonNull(it.branch("better")).turns().stream()
                            .map(each -> each.text())
                            .toList())))
        .containsExactly("Hello?", "Hi!");
    assertThat(stage.transcript(room)).containsExactly("Helo?", "ai: What?");
  }

  @Test
  void deletingStopsWhatRunsAndLeavesNothing() {
    String room = stage.room();
    String run = stage.ask(room, "Hello?");
    Puppet.Turn turn = stage.model.asked().says("x");
    stage.awaitShown(run, "x");

    stage.done(room, new Command.Delete("ada"));

    turn.awaitStopped();
    Awaitility.await()
        .until(() ->
            Stage.get(stage.store.head(ConversationPaths.branch(room, "main"))).isEmpty()
                && Stage.get(stage.store.head(ConversationPaths.run(run))).isEmpty());
  }

  @Test
  void conversationsThatNobodyUsesLeaveMemory() {
    for (int i = 0; i < 20; i++) {
      var _ = stage.room();
    }
    for (int i = 0; i < 20; i++) {
      String nobody = "nobody-" + i;
      assertThat(stage.submit(nobody, stage.say("x", null))).isInstanceOf(Answer.Refused.class);
    }
    Awaitility.await().until(() -> Stage.get(stage.conversations.open()) == 0);
    assertThat(stage.transcript("room-1")).isEmpty();
  }

  @Test
  void aCharacterThatIsCutBetweenTwoPiecesIsWholeForEveryone() {
    String room = stage.room();
    String run = stage.ask(room, "Smile!");
    Puppet.Turn turn = stage.model.asked().says("\uD83D");
    turn.says("\uDE00 and \uD83D").says("done").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.shown(run)).isEqualTo("\uD83D\uDE00 and \uFFFDdone");
    assertThat(stage.transcript(room)).last().isEqualTo("ai: \uD83D\uDE00 and \uFFFDdone");
  }

  @Test
  void commandsAtOnceFromManyThreadsAreAllAnsweredInOneOrder() {
    String room = stage.room();
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(stage.conversations.submit(room, stage.say("m" + i, null)));
    }
    for (CompletableFuture<Answer> answer : answers) {
      assertThat(Stage.get(answer)).isInstanceOf(Answer.Done.class);
    }
    assertThat(stage.transcript(room)).hasSize(200).first().isEqualTo("m0");
    assertThat(stage.transcript(room)).last().isEqualTo("m199");
  }
}
