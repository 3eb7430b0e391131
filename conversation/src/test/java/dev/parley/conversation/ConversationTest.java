package dev.parley.conversation;

import static dev.parley.conversation.Room.ask;
import static dev.parley.conversation.Room.finish;
import static dev.parley.conversation.Room.say;
import static dev.parley.conversation.Room.start;
import static dev.parley.conversation.Room.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.conversation.Command.Ask;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConversationTest {
  private final Room room = new Room();

  @Test
  void aFinishedReplyIsOneTurnMarkedAsAMachines() {
    room.streaming("t1", "r1");
    room.accept(finish("r1"));

    assertThat(room.said("main")).containsExactly("about t1", "reply of r1");
    assertThat(room.main().turns().getLast().ai()).isTrue();
    assertThat(room.run("r1").state()).isEqualTo(new RunState.Finished(FinishReason.STOP));
  }

  @Test
  void strangersAreToldThatThereIsNoConversation() {
    assertThat(room.refused(say("eve", "t1", null))).isEqualTo(Refusal.NO_CONVERSATION);
    assertThat(room.refused(new Command.Stop("eve", "r1", List.of())))
        .isEqualTo(Refusal.NO_CONVERSATION);
  }

  @Test
  void readersReadAndDoNotSpeak() {
    room.accept(new Command.AddMember("ada", "bob", Role.READER));

    assertThat(room.refused(say("bob", "t1", null))).isEqualTo(Refusal.FORBIDDEN);
    room.accept(new Command.MarkRead("bob", "main", 2));
    assertThat(room.main().readUpTo("bob")).isEqualTo(2);
  }

  @Test
  void onlyOwnersDecideWhoIsAMemberAndOneStays() {
    room.accept(new Command.AddMember("ada", "bob", Role.WRITER));

    assertThat(room.refused(new Command.AddMember("bob", "eve", Role.WRITER)))
        .isEqualTo(Refusal.FORBIDDEN);
    assertThat(room.refused(new Command.RemoveMember("ada", "ada"))).isEqualTo(Refusal.LAST_OWNER);
    assertThat(room.refused(new Command.AddMember("ada", "ada", Role.READER)))
        .isEqualTo(Refusal.LAST_OWNER);
    room.accept(new Command.RemoveMember("bob", "bob"));
    assertThat(room.state.members()).containsOnlyKeys("ada");
  }

  @Test
  void anArchivedConversationLetsARunningReplyEndAndTakesNoMore() {
    room.streaming("t1", "r1");
    room.accept(new Command.Archive("ada"));

    assertThat(room.refused(ask("t2", "r2"))).isEqualTo(Refusal.ARCHIVED);
    room.accept(finish("r1"));
    room.accept(new Command.Restore("ada"));
    room.accept(ask("t2", "r2"));
  }

  @Test
  void deletingStopsWhatRunsAndWhatWaits() {
    room.streaming("t1", "r1");
    room.accept(ask("t2", "r2"));
    room.accept(new Command.Delete("ada"));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Stopped("ada"));
    assertThat(room.run("r2").state()).isEqualTo(new RunState.Stopped("ada"));
    assertThat(room.refused(finish("r1"))).isEqualTo(Refusal.RUN_ENDED);
    assertThat(room.refused(ask("t3", "r3"))).isEqualTo(Refusal.DELETED);
  }

  @Test
  void aMessageSentTwiceIsSaidOnce() {
    room.accept(ask("t1", "r1"));

    assertThat(room.decide(ask("t1", "r1"))).isEqualTo(new Decision.Unchanged("t1", "r1"));
    assertThat(
            room.decide(
                new Command.Say(
                    "ada", "main", "other", "ada-t1", false, text("again"), new Ask("r9"))))
        .isEqualTo(new Decision.Unchanged("t1", "r1"));
  }

  @Test
  void aQueuedMessageSentTwiceIsQueuedOnce() {
    room.streaming("t1", "r1");
    room.accept(ask("t2", "r2"));

    assertThat(room.decide(ask("t2", "r2"))).isEqualTo(new Decision.Unchanged("t2", "r2"));
  }

  @Test
  void aQueuedMessageEntersTheTranscriptBehindTheReplyBeforeIt() {
    room.streaming("t1", "r1");
    room.accept(ask("t2", "r2"));
    room.accept(ask("t3", "r3"));
    assertThat(room.run("r2").state()).isEqualTo(new RunState.Queued(1));
    assertThat(room.run("r3").state()).isEqualTo(new RunState.Queued(2));
    assertThat(room.refused(start("r2"))).isEqualTo(Refusal.NOT_NEXT);

    room.accept(finish("r1"));
    assertThat(room.refused(start("r3"))).isEqualTo(Refusal.NOT_NEXT);
    room.accept(start("r2"));

    assertThat(room.said("main")).containsExactly("about t1", "reply of r1", "about t2");
    assertThat(room.run("r3").state()).isEqualTo(new RunState.Queued(1));
  }

  @Test
  void replacingKeepsWhatWasShownAndGoesAheadOfThoseThatWait() {
    room.streaming("t1", "r1");
    room.accept(ask("t2", "r2"));
    room.accept(say("ada", "t3", new Ask("r3", null, OnBusy.REPLACE, text("half a"))));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Stopped("ada"));
    assertThat(room.run("r3").state()).isEqualTo(new RunState.Queued(1));
    assertThat(room.run("r2").state()).isEqualTo(new RunState.Queued(2));
    assertThat(room.said("main")).containsExactly("about t1", "half a", "about t3");
  }

  @Test
  void rejectingSaysToComeBack() {
    room.streaming("t1", "r1");

    Refusal refusal = room.refused(say("ada", "t2", new Ask("r2", null, OnBusy.REJECT, List.of())));

    assertThat(refusal).isEqualTo(Refusal.RUN_ACTIVE);
    assertThat(refusal.retryable()).isTrue();
  }

  @Test
  void theQueueHasABound() {
    room.streaming("t0", "r0");
    for (int i = 1; i <= ConversationLimits.DEFAULT.maxQueue(); i++) {
      room.accept(ask("t" + i, "r" + i));
    }

    assertThat(room.refused(ask("one-more", "r-more"))).isEqualTo(Refusal.QUEUE_FULL);
  }

  @Test
  void stoppingAWaitingRunWithdrawsItsMessageAndFailingItKeepsIt() {
    room.streaming("t1", "r1");
    room.accept(ask("t2", "r2"));
    room.accept(ask("t3", "r3"));
    room.accept(new Command.Stop("ada", "r2", List.of()));
    room.accept(
        new Command.Fail(
            "r3", "", List.of(), new RunFailure("budget", "Spent.", false), Usage.NONE));

    assertThat(room.said("main")).containsExactly("about t1", "about t3");
  }

  @Test
  void stoppingTwiceIsStoppingOnce() {
    room.streaming("t1", "r1");
    room.accept(new Command.Stop("ada", "r1", text("ha")));

    assertThat(room.decide(new Command.Stop("ada", "r1", text("ha"))))
        .isEqualTo(new Decision.Unchanged(null, "r1"));
    assertThat(room.said("main")).containsExactly("about t1", "ha");
  }

  @Test
  void steeringKeepsWhatWasShownAndTheReplyGoesOnWithItInMind() {
    room.streaming("t1", "r1");
    room.accept(new Command.Steer("ada", "r1", "s1", "c", false, text("shorter"), text("A long")));
    assertThat(room.run("r1").state()).isEqualTo(new RunState.Starting());
    assertThat(room.state.prompt(room.run("r1")).stream().map(Turn::text))
        .containsExactly("about t1", "A long", "shorter");

    room.accept(finish("r1"));
    assertThat(room.said("main")).containsExactly("about t1", "A long", "shorter", "reply of r1");
  }

  @Test
  void whatPeopleSayMeanwhileIsNotInThePromptOfTheReplyThatRuns() {
    room.streaming("t1", "r1");
    room.accept(say("ada", "t2", null));

    assertThat(room.state.prompt(room.run("r1")).stream().map(Turn::id)).containsExactly("t1");
  }

  @Test
  void aSwitchedPersonaAnswersFromTheNextRunOn() {
    room.streaming("t1", "r1");
    room.accept(ask("t2", "r2"));
    room.accept(new Command.SwitchPersona("ada", "main", Room.CRITIC));
    room.accept(finish("r1"));
    room.accept(start("r2"));

    assertThat(room.run("r1").persona()).isEqualTo(Room.GUIDE);
    assertThat(room.run("r2").persona()).isEqualTo(Room.CRITIC);
  }

  @Test
  void anEditIsAForkBeforeTheEditedTurn() {
    room.streaming("t1", "r1");
    room.accept(finish("r1"));
    room.streaming("t2", "r2");
    room.accept(new Command.SwitchPersona("ada", "main", Room.CRITIC));
    long offset = room.main().turns().getLast().offset() - 1;

    Decision.Accepted edit =
        room.accept(
            new Command.Edit(
                "ada", "main", "t2", "b2", "t2b", "e", false, text("rather"), new Ask("rb")));

    assertThat(edit.fork()).isEqualTo(new Decision.Fork("main", offset));
    assertThat(edit.tail()).isEqualTo(offset);
    assertThat(room.said("b2")).containsExactly("about t1", "reply of r1", "rather");
    assertThat(room.branch("b2").persona()).isEqualTo(Room.GUIDE);
    assertThat(room.state.unannounced()).isEmpty();
    room.accept(start("rb"));
    assertThat(room.run("r2").state().active()).isTrue();
    assertThat(room.run("rb").state().active()).isTrue();
  }

  @Test
  void anotherReplyIsAForkBeforeTheFirst() {
    room.streaming("t1", "r1");
    room.accept(finish("r1"));
    room.accept(new Command.Regenerate("ada", "main", "r1.1", "b2", new Ask("r2")));
    room.accept(start("r2"));
    room.accept(finish("r2"));

    assertThat(room.said("b2")).containsExactly("about t1", "reply of r2");
    assertThat(room.said("main")).containsExactly("about t1", "reply of r1");
  }

  @Test
  void aSharedTurnEditedInABranchForksTheStreamItStandsIn() {
    room.accept(say("ada", "t1", null));
    room.accept(say("ada", "t2", null));
    room.accept(new Command.Edit("ada", "main", "t2", "b2", "x2", null, false, text("x"), null));
    Decision.Accepted again =
        room.accept(new Command.Edit("ada", "b2", "t1", "b3", "x3", null, false, text("y"), null));

    assertThat(again.fork()).isEqualTo(new Decision.Fork("main", 1));
    assertThat(room.said("b3")).containsExactly("y");
  }

  @Test
  void nobodyEditsWhatAnotherSaid() {
    room.accept(new Command.AddMember("ada", "bob", Role.OWNER));
    room.streaming("t1", "r1");
    room.accept(finish("r1"));

    for (String turn : List.of("t1", "r1.1")) {
      assertThat(
              room.refused(
                  new Command.Edit("bob", "main", turn, "b", "x", null, false, text("x"), null)))
          .isEqualTo(Refusal.NOT_THAT_TURN);
    }
    assertThat(room.refused(new Command.Regenerate("bob", "main", "t1", "b", new Ask("r2"))))
        .isEqualTo(Refusal.NOT_THAT_TURN);
  }

  @Test
  void aBranchThatWasNotAnnouncedIsFoundAfterLoading() {
    room.accept(say("ada", "t1", null));
    room.accept(new Command.Edit("ada", "main", "t1", "b2", "x", null, false, text("x"), null));
    Conversation loaded = new Conversation(ConversationLimits.DEFAULT);
    room.all.stream()
        .filter(stored -> !(stored.event() instanceof ConversationEvent.BranchAdded))
        .forEach(stored -> loaded.apply(stored.branch(), stored.offset(), stored.event()));

    assertThat(loaded.unannounced())
        .containsExactly(new ConversationEvent.BranchAdded("b2", "main", 1, "ada", room.now));
  }

  @Test
  void turnsThatAreTooLargeOrEmptyAreRefused() {
    int bytes = ConversationLimits.DEFAULT.maxTurnBytes() + 1;
    assertThat(
            room.refused(
                new Command.Say("ada", "main", "t", null, false, text("x".repeat(bytes)), null)))
        .isEqualTo(Refusal.TURN_SIZE);
    assertThat(room.refused(new Command.Say("ada", "main", "t", null, false, List.of(), null)))
        .isEqualTo(Refusal.TURN_SIZE);
  }

  @Test
  void namesThatCannotBePathsAreReportedWithWhatWasExpected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Ask("../x"))
        .withMessage("run: \"../x\" (expected: 1 to 64 of A-Z a-z 0-9 _ -)");
  }

  @Test
  void eventsThatMakeNoSenseChangeNothingButTheTail() {
    long tail = room.main().tail();
    room.state.apply(
        "main",
        tail + 1,
        new ConversationEvent.RunFinished("none", FinishReason.STOP, Usage.NONE, 1));
    room.state.apply("main", tail + 2, new ConversationEvent.Unknown("new", "{}", 1));
    room.state.apply("main", tail + 2, new ConversationEvent.Deleted("eve", 1));
    room.state.apply("other", 9, new ConversationEvent.Deleted("eve", 1));

    assertThat(room.main().tail()).isEqualTo(tail + 2);
    assertThat(room.state.deletedBy()).isNull();
  }

  @Test
  void anEventBehindTheEndOfARunDoesNotChangeIt() {
    room.streaming("t1", "r1");
    room.accept(finish("r1"));
    long tail = room.main().tail();
    room.state.apply("main", tail + 1, new ConversationEvent.RunStopped("r1", "eve", 1));
    room.state.apply("main", tail + 2, new ConversationEvent.RunStreaming("r1", 1));

    assertThat(room.run("r1").state()).isEqualTo(new RunState.Finished(FinishReason.STOP));
  }

  @Test
  void everyRefusalHasANumberOfItsOwn() {
    assertThat(Refusal.values()).extracting(Refusal::code).doesNotHaveDuplicates();
  }
}
