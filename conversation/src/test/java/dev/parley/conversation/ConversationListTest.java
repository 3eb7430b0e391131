package dev.parley.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Command.Ask;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConversationListTest {
  private final Room room = new Room();

  private ConversationList.Line line(String person) {
    List<ConversationList.Line> lines = list().of(person, false);
    assertThat(lines).hasSize(1);
    return lines.getFirst();
  }

  private ConversationList list() {
    ConversationList list = new ConversationList();
    room.all.forEach(
        stored -> list.apply("room", stored.branch(), stored.offset(), stored.event()));
    return list;
  }

  @Test
  void othersTurnsAreUnreadAndOnesOwnAreNot() {
    room.accept(new Command.AddMember("ada", "bob", Role.WRITER));
    room.streaming("t1", "r1");
    room.accept(Room.finish("r1"));

    assertThat(line("ada").unread()).isEqualTo(1);
    assertThat(line("bob").unread()).isEqualTo(2);
    assertThat(line("bob").lastTurn())
        .isEqualTo(
            new ConversationList.LastTurn(
                "main", "r1.1", new Author.OfPersona(Room.GUIDE), true, "reply of r1", room.now));
  }

  @Test
  void readingAndSpeakingLeaveNothingUnread() {
    room.accept(new Command.AddMember("ada", "bob", Role.WRITER));
    room.streaming("t1", "r1");
    room.accept(Room.finish("r1"));
    room.accept(new Command.MarkRead("ada", "main", room.main().tail()));
    room.accept(Room.say("bob", "t2", null));

    assertThat(line("ada").unread()).isEqualTo(1);
    assertThat(line("bob").unread()).isZero();
  }

  @Test
  void whatWasSaidBeforeSomebodyJoinedIsNotUnread() {
    room.accept(Room.say("ada", "t1", null));
    room.now++;
    room.accept(new Command.AddMember("ada", "bob", Role.READER));

    assertThat(line("bob").unread()).isZero();
  }

  @Test
  void sharedTurnsOfABranchCountOnce() {
    room.accept(new Command.AddMember("ada", "bob", Role.READER));
    room.streaming("t1", "r1");
    room.accept(Room.finish("r1"));
    room.accept(new Command.Regenerate("ada", "main", "r1.1", "b2", new Ask("r2")));
    room.accept(Room.start("r2"));
    room.accept(Room.finish("r2"));

    assertThat(line("bob").unread()).isEqualTo(3);
  }

  @Test
  void archivedOnesAreListedApartAndDeletedOnesNowhere() {
    room.accept(new Command.Archive("ada"));
    assertThat(list().of("ada", false)).isEmpty();
    assertThat(list().of("ada", true)).hasSize(1);
    room.accept(new Command.Delete("ada"));
    assertThat(list().of("ada", true)).isEmpty();
  }
}
