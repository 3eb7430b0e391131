package dev.parley.conversation.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.conversation.Command;
import dev.parley.conversation.FinishReason;
import dev.parley.conversation.OnBusy;
import dev.parley.conversation.Overrides;
import dev.parley.conversation.Persona;
import dev.parley.conversation.RunState;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Tool;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What holds for one reply alone. */
final class OverridesTest {
  private static final Persona.Tool DICE = new Persona.Tool("dice", "Rolls.", "{}", false);
  private static final Overrides BRIEF =
      new Overrides(
          "Be brief.",
          new Parameters(0.5, null, 9, List.of(), null, null, new TreeMap<>()),
          List.of(DICE),
          "{\"from\":\"a wire\"}");
  private final Stage stage = new Stage();

  @AfterEach
  void close() {
    stage.close();
  }

  private Command.Ask ask(String run) {
    return new Command.Ask(run, null, OnBusy.QUEUE, List.of(), BRIEF);
  }

  @Test
  void theyHoldForTheirReplyAndNotForTheNext() {
    String room = stage.room();
    var _ = stage.done(room, stage.say("hello", ask("r1")));
    Puppet.Turn first = stage.model.asked();
    first.says("hi").finishes();
    var _ = stage.ask(room, "again");
    Puppet.Turn second = stage.model.asked();

    assertBrief(first.prompt);
    assertThat(second.prompt.turns().getFirst()).isEqualTo(PromptTurn.system("You guide."));
    assertThat(second.prompt.parameters()).isEqualTo(Parameters.NONE);
  }

  private static void assertBrief(Prompt prompt) {
    assertThat(prompt.turns().getFirst()).isEqualTo(PromptTurn.system("You guide.\n\nBe brief."));
    assertThat(prompt.parameters().temperature()).isEqualTo(0.5);
    assertThat(prompt.parameters().maxTokens()).isEqualTo(9);
    assertThat(prompt.tools()).extracting(Tool::name).containsExactly("dice");
  }

  @Test
  void theyHoldAfterACrashToo() {
    String room = stage.room();
    var _ = stage.done(room, stage.say("hello", ask("r1")));
    stage.model.asked().says("So far");
    stage.awaitShown("r1", "So far");

    stage.restart();

    Puppet.Turn taken = stage.model.asked();
    assertBrief(taken.prompt);
    assertThat(taken.prompt.prefix()).isEqualTo("So far");
  }

  @Test
  void aCallOfAToolThatTheAskerBroughtAlongEndsTheReply() {
    String room = stage.room();
    var _ = stage.done(room, stage.say("roll", ask("r1")));
    stage
        .model
        .asked()
        .hears(new Delta.ToolCall(0, "c1", "dice"))
        .hears(new Delta.ToolArguments(0, "{}"))
        .ends(FinishReason.TOOL_CALLS);

    assertThat(stage.end("r1").path("reason").stringValue()).isEqualTo("tool_calls");
    assertThat(stage.state(room, "r1")).isEqualTo(new RunState.Finished(FinishReason.TOOL_CALLS));
    assertThat(stage.called).isEmpty();
  }

  @Test
  void aToolTwiceIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Overrides("", Parameters.NONE, List.of(DICE, DICE), ""))
        .withMessage("tools: a name twice (expected: each once)");
  }
}
