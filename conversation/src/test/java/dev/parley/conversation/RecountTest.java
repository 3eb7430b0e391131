package dev.parley.conversation;

import static dev.parley.conversation.Room.GUIDE;
import static dev.parley.conversation.Room.ask;
import static dev.parley.conversation.Room.finish;
import static dev.parley.conversation.Room.start;
import static dev.parley.conversation.Room.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command.Recount;
import dev.parley.conversation.Command.Told;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RecountTest {
  private static final Author ADA = new Author.Person("ada");
  private static final Author PERSONA = new Author.OfPersona(GUIDE);
  private final Room room = new Room();

  private static Recount recount(Told... turns) {
    return new Recount("ada", Conversation.MAIN, List.of(turns));
  }

  private static Told told(String turn, Author author) {
    return new Told(turn, author, text("about " + turn), null);
  }

  private static Told result(@Nullable String run) {
    return new Told(
        "res", new Author.Tool("dice"), List.of(new TurnPart.ToolResult("c1", "6")), run);
  }

  @Test
  void whatWasSaidElsewhereIsToldAsItWasAndMarkedAsAMachinesWhereItIs() {
    room.accept(recount(told("t1", ADA), told("t2", PERSONA), told("t3", ADA)));

    assertThat(room.said(Conversation.MAIN)).containsExactly("about t1", "about t2", "about t3");
    assertThat(room.main().turns().stream().map(Turn::ai)).containsExactly(false, true, false);
  }

  @Test
  void nobodyPutsWordsIntoAnothersMouth() {
    assertThat(room.refused(recount(told("t1", new Author.Person("bob")))))
        .isEqualTo(Refusal.NOT_THAT_TURN);
    room.accept(new Command.AddMember("ada", "bob", Role.READER));
    assertThat(room.refused(recount(told("t1", PERSONA)))).isEqualTo(Refusal.NOT_THAT_TURN);
    assertThat(room.refused(recount(result(null)))).isEqualTo(Refusal.NOT_THAT_TURN);
    room.accept(recount(told("t1", ADA)));
  }

  @Test
  void theResultOfAToolIsToldToTheRunThatCalledItOnceThatIsOver() {
    room.accept(new Command.AddMember("ada", "bob", Role.READER));
    room.accept(ask("t1", "r1"));
    room.accept(start("r1"));
    assertThat(room.refused(recount(result("r1")))).isEqualTo(Refusal.RUN_STATE);
    room.accept(
        new Command.Finish(
            "r1",
            "node",
            List.of(new TurnPart.ToolCall("c1", "dice", "{}")),
            FinishReason.TOOL_CALLS,
            Usage.NONE));

    room.accept(recount(result("r1")));

    room.accept(ask("t2", "r2"));
    room.accept(start("r2"));
    assertThat(room.state.prompt(room.run("r2")).stream().map(Turn::id))
        .containsExactly("t1", "r1.1", "res", "t2");
    room.accept(finish("r2"));
  }

  @Test
  void aTurnIsToldOnceAndNothingIsToldInPart() {
    assertThat(room.refused(recount(told("t1", ADA), told("t1", ADA))))
        .isEqualTo(Refusal.TURN_EXISTS);
    assertThat(room.refused(recount(told("t1", ADA), new Told("t2", ADA, List.of(), null))))
        .isEqualTo(Refusal.TURN_SIZE);
    assertThat(room.said(Conversation.MAIN)).isEmpty();
  }
}
