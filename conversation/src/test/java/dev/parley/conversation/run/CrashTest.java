package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command;
import dev.parley.conversation.ConversationPaths;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Refusal;
import dev.parley.conversation.RunState;
import dev.parley.conversation.provider.Delta;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of conversations after a crash, and when others write to their streams. */
@Timeout(60)
final class CrashTest {
  private final Stage stage = new Stage();

  @AfterEach
  void close() {
    stage.close();
  }

  @Test
  void aRunGoesOnAfterACrashWhereItWas() {
    String room = stage.room();
    String run = stage.ask(room, "Count.");
    stage.model.asked().says("one ", "two ");
    stage.awaitShown(run, "one two ");
    stage.restart();

    Puppet.Turn again = stage.model.asked();
    assertThat(again.prompt.prefix()).isEqualTo("one two ");
    again.says("three").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.shown(run)).isEqualTo("one two three");
    assertThat(stage.transcript(room)).containsExactly("Count.", "ai: one two three");
  }

  @Test
  void aRunThatHadShownNothingIsAskedAgainAfterACrash() {
    String room = stage.room();
    String run = stage.ask(room, "Count.");
    var _ = stage.model.asked();
    stage.restart();

    Puppet.Turn again = stage.model.asked();
    assertThat(again.prompt.prefix()).isEmpty();
    again.says("one").finishes();
    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.shown(run)).isEqualTo("one");
  }

  @Test
  void aRunWhoseModelCannotGoOnFailsAfterACrashWithWhatItHasShown() {
    stage.model.continues = false;
    String room = stage.room();
    String run = stage.ask(room, "Count.");
    stage.model.asked().says("one ");
    stage.awaitShown(run, "one ");
    stage.restart();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("failed");
    assertThat(stage.end(run).path("reason").stringValue()).isEqualTo("interrupted");
    assertThat(stage.transcript(room)).containsExactly("Count.", "ai: one ");
  }

  @Test
  void aRunThatWaitsForAToolSurvivesACrash() {
    String room = stage.room();
    String run = stage.ask(room, "Weather?");
    stage
        .model
        .asked()
        .hears(new Delta.ToolCall(0, "c1", "weather"))
        .hears(new Delta.ToolArguments(0, "{}"))
        .ends(FinishReason.TOOL_CALLS);
    stage.awaitState(room, run, RunState.WaitingForTool.class);
    stage.restart();
    stage.toolAnswers.complete(new ToolOutcome.Result("\"sunny\""));
    stage.model.asked().says("Sunny.").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.called).hasSize(2).extracting(ToolCall::callId).containsOnly("c1");
  }

  @Test
  void thoseThatWaitAreAnsweredAfterACrashToo() {
    String room = stage.room();
    String first = stage.ask(room, "One?");
    stage.model.asked().says("1");
    stage.awaitShown(first, "1");
    String second = stage.ask(room, "Two?");
    stage.restart();

    stage.model.asked().finishes();
    stage.model.asked().says("2").finishes();
    assertThat(stage.end(second).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.transcript(room)).containsExactly("One?", "ai: 1", "Two?", "ai: 2");
  }

  @Test
  void whatOthersWriteToTheStreamIsReadAndTheCommandDecidedAnew() {
    String room = stage.room();
    stage.append(
        ConversationPaths.branch(room, "main"),
        "{\"type\":\"renamed\",\"title\":\"Better\",\"by\":\"ada\",\"at\":1}");

    stage.done(room, stage.say("Hello.", null));

    assertThat(Stage.<String>get(stage.conversations.view(room, it -> it.title())))
        .isEqualTo("Better");
    assertThat(stage.transcript(room)).containsExactly("Hello.");
  }

  @Test
  void theNameOfAnothersRunIsRefusedAndItsStreamLeftAlone() {
    String room = stage.room();
    String run = stage.ask(room, "Hello?");
    Puppet.Turn turn = stage.model.asked().says("Mine");
    stage.awaitShown(run, "Mine");
    String other = stage.room();

    assertThat(stage.submit(other, stage.say("Give me that.", new Command.Ask(run))))
        .isInstanceOfSatisfying(
            Answer.Refused.class, it -> assertThat(it.refusal()).isEqualTo(Refusal.RUN_EXISTS));
    turn.says(" alone").finishes();

    assertThat(stage.end(run).path("state").stringValue()).isEqualTo("finished");
    assertThat(stage.shown(run)).isEqualTo("Mine alone");
    assertThat(stage.transcript(other)).isEmpty();
    stage.done(other, stage.say("Then not.", null));
  }

  @Test
  void whatAReplySaysBeforeItsStartIsStoredIsNotShownWhenTheStartIsLost() {
    CompletableFuture<Void> late = new CompletableFuture<>();
    AtomicBoolean first = new AtomicBoolean(true);
    try (Stage raced =
        new Stage(
            Stage.appending((append, store) ->
                append.messages().stream()
                            .map(each -> new String(each.bytes(), StandardCharsets.UTF_8))
                            .anyMatch(text -> text.contains("run-started"))
                        && first.getAndSet(false)
                    ? late.thenCompose(_ -> store.get())
                    : store.get()))) {
      String room = raced.room();
      String run = "raced";
      CompletableFuture<Answer> asked =
          raced.conversations.submit(room, raced.say("Count.", new Command.Ask(run)));
      raced.model.asked().says("lost ");
      raced.append(
          ConversationPaths.branch(room, "main"),
          "{\"type\":\"renamed\",\"title\":\"Better\",\"by\":\"ada\",\"at\":1}");
      late.complete(null);
      raced.model.asked().says("one").finishes();

      assertThat(Stage.get(asked)).isInstanceOf(Answer.Done.class);
      assertThat(raced.end(run).path("state").stringValue()).isEqualTo("finished");
      assertThat(raced.shown(run)).isEqualTo("one");
      assertThat(raced.transcript(room)).containsExactly("Count.", "ai: one");
    }
  }
}
