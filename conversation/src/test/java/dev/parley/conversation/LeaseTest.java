package dev.parley.conversation;

import static dev.parley.conversation.Room.finish;
import static dev.parley.conversation.Room.start;
import static dev.parley.conversation.Room.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command.ToolUse;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LeaseTest {
  private final Room room = new Room();

  private static Command.TakeUp takeUp(
      boolean ownerGone, List<TurnPart> shown, boolean continuable, @Nullable RunFailure cause) {
    return new Command.TakeUp(
        "r1", new Lease("heir", 20_000), ownerGone, shown, continuable, cause);
  }

  private void callTools(boolean needsApproval) {
    room.streaming("t1", "r1");
    room.accept(
        new Command.CallTools(
            "r1",
            "node",
            List.of(
                new TurnPart.Text("Let me look."),
                new TurnPart.ToolCall("c1", "weather", "{\"city\":\"Bonn\"}"),
                new TurnPart.ToolCall("c2", "clock", "{}")),
            List.of(
                new ToolUse("c1", "weather", needsApproval), new ToolUse("c2", "clock", false))));
  }

  @Test
  void aLeaseThatIsHeldKeepsOthersAway() {
    room.streaming("t1", "r1");

    assertThat(room.refused(takeUp(false, List.of(), true, null))).isEqualTo(Refusal.LEASE_HELD);
    assertThat(room.state.abandoned(room.now, _ -> false)).isEmpty();
  }

  @Test
  void anExpiredLeaseAndADeadOwnersAreTakenUp() {
    room.streaming("t1", "r1");

    assertThat(room.state.abandoned(room.now, "node"::equals)).containsExactly(room.run("r1"));
    assertThat(room.decide(takeUp(true, List.of(), true, null)))
        .isInstanceOf(Decision.Accepted.class);
    room.now = 10_000;
    assertThat(room.state.abandoned(room.now, _ -> false)).containsExactly(room.run("r1"));
    room.accept(takeUp(false, List.of(), true, null));
    assertThat(room.run("r1").lease()).isEqualTo(new Lease("heir", 20_000));
  }

  @Test
  void theOldOwnerOfARunThatWasTakenUpHasLostIt() {
    room.streaming("t1", "r1");
    room.accept(takeUp(true, text("half"), true, null));

    assertThat(room.refused(finish("r1"))).isEqualTo(Refusal.LEASE_LOST);
    assertThat(room.refused(new Command.Renew("r1", new Lease("node", 30_000))))
        .isEqualTo(Refusal.LEASE_LOST);
  }

  @Test
  void aRunThatHasShownNothingStartsAgain() {
    room.streaming("t1", "r1");
    room.accept(takeUp(true, List.of(), false, null));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Starting());
    assertThat(room.run("r1").attempts()).isEqualTo(2);
  }

  @Test
  void aRunThatHasShownSomethingIsContinuedWhereTheProviderCan() {
    room.streaming("t1", "r1");
    room.accept(takeUp(true, text("half"), true, null));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Streaming());
    assertThat(room.said("main")).containsExactly("about t1");
  }

  @Test
  void elseItFailsWithAReasonAndKeepsWhatWasShown() {
    room.streaming("t1", "r1");
    room.accept(takeUp(true, text("half"), false, null));

    assertThat(room.run("r1").state())
        .isInstanceOfSatisfying(
            RunState.Failed.class,
            failed -> {
              assertThat(failed.failure().reason()).isEqualTo(RunFailure.INTERRUPTED);
              assertThat(failed.failure().retryable()).isTrue();
            });
    assertThat(room.said("main")).containsExactly("about t1", "half");
  }

  @Test
  void whatAnUpstreamDiedOfIsTheReason() {
    RunFailure cause = new RunFailure("disconnected", "The model's server hung up.", true);
    room.streaming("t1", "r1");
    room.accept(
        new Command.TakeUp("r1", new Lease("node", 9_000), false, text("half"), false, cause));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Failed(cause));
  }

  @Test
  void aRunIsNotTakenUpForever() {
    room.streaming("t1", "r1");
    for (int i = 1; i < ConversationLimits.DEFAULT.maxAttempts(); i++) {
      room.accept(takeUp(true, List.of(), true, null));
    }
    room.accept(takeUp(true, List.of(), true, null));

    assertThat(room.run("r1").state())
        .isInstanceOfSatisfying(
            RunState.Failed.class,
            failed ->
                assertThat(failed.failure().reason()).isEqualTo(RunFailure.TOO_MANY_ATTEMPTS));
  }

  @Test
  void aLeaseIsRenewedOnlyToLast() {
    room.streaming("t1", "r1");
    assertThat(room.decide(new Command.Renew("r1", new Lease("node", 10_000))))
        .isEqualTo(new Decision.Unchanged(null, "r1"));
    room.accept(new Command.Renew("r1", new Lease("node", 12_000)));

    assertThat(room.run("r1").lease()).isEqualTo(new Lease("node", 12_000));
    assertThat(room.run("r1").state()).isEqualTo(new RunState.Streaming());
    assertThat(room.run("r1").attempts()).isEqualTo(1);
  }

  @Test
  void aRunWaitsForItsToolsAndForPeople() {
    callTools(true);
    assertThat(room.run("r1").state())
        .isEqualTo(new RunState.WaitingForTool(List.of("c1"), List.of("c2")));
    assertThat(room.refused(new Command.ReturnTool("r1", "node", "c1", "1")))
        .isEqualTo(Refusal.CALL_UNAPPROVED);
    assertThat(room.refused(finish("r1"))).isEqualTo(Refusal.RUN_STATE);

    room.accept(new Command.ReturnTool("r1", "node", "c2", "\"noon\""));
    room.accept(new Command.ApproveTool("ada", "r1", "c1"));
    room.accept(new Command.ReturnTool("r1", "node", "c1", "\"rain\""));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Starting());
    assertThat(room.refused(new Command.ReturnTool("r1", "node", "c1", "2")))
        .isEqualTo(Refusal.CALL_SETTLED);
  }

  @Test
  void resultsStandBehindTheirCallsInThePrompt() {
    callTools(false);
    room.accept(Room.say("ada", "aside", null));
    room.accept(new Command.ReturnTool("r1", "node", "c2", "\"noon\""));
    room.accept(new Command.ReturnTool("r1", "node", "c1", "\"rain\""));

    assertThat(room.state.prompt(room.run("r1")).stream().map(Turn::parts))
        .element(2)
        .isEqualTo(List.of(new TurnPart.ToolResult("c1", "\"rain\"")));
    assertThat(room.state.prompt(room.run("r1"))).hasSize(4);
  }

  @Test
  void aDeniedCallIsToldToTheModel() {
    callTools(true);
    room.accept(new Command.ReturnTool("r1", "node", "c2", "1"));
    room.accept(new Command.DenyTool("ada", "r1", "c1", "not \"now\""));

    assertThat(room.main().turns().getLast().parts())
        .containsExactly(
            new TurnPart.ToolResult("c1", "{\"error\":\"denied\",\"reason\":\"not \\\"now\\\"\"}"));
    assertThat(room.run("r1").state()).isEqualTo(new RunState.Starting());
  }

  @Test
  void aRunThatWaitsForToolsIsTakenUpAsItIs() {
    callTools(true);
    room.accept(takeUp(true, List.of(), false, null));

    assertThat(room.run("r1").state())
        .isEqualTo(new RunState.WaitingForTool(List.of("c1"), List.of("c2")));
    room.accept(new Command.ReturnTool("r1", "heir", "c2", "1"));
  }

  @Test
  void callsOfAStoppedRunHaveAResultInLaterPrompts() {
    callTools(false);
    room.accept(new Command.Stop("ada", "r1", List.of()));
    room.accept(Room.ask("t2", "r2"));
    room.accept(start("r2"));

    assertThat(
            room.state.prompt(room.run("r2")).stream()
                .map(turn -> turn.author().getClass().getSimpleName()))
        .containsExactly("Person", "OfPersona", "Tool", "Tool", "Person");
  }
}
