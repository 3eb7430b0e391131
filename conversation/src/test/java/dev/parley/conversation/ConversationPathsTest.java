package dev.parley.conversation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.stream.Append;
import dev.parley.stream.AppendResult;
import dev.parley.stream.CreateResult;
import dev.parley.stream.MemoryStore;
import dev.parley.stream.Payload;
import dev.parley.stream.Store;
import dev.parley.stream.StreamSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the decisions ask of a store, with a store. */
final class ConversationPathsTest {
  private final EventJson json = new EventJson();
  private final Conversation state = new Conversation(ConversationLimits.DEFAULT);

  private void store(Store store, Command command) {
    Decision.Accepted it = (Decision.Accepted) state.decide(command, 1);
    var path = ConversationPaths.branch("room", it.branch());
    List<Payload> messages = it.events().stream().map(json::write).map(Payload::of).toList();
    Decision.Fork fork = it.fork();
    if (it.tail() == 0 || fork != null) {
      StreamSpec spec =
          new StreamSpec(
              "application/json",
              -1,
              -1,
              false,
              fork == null ? null : ConversationPaths.fork("room", fork),
              messages);
      assertThat(store.create(path, spec).join()).isInstanceOf(CreateResult.Created.class);
    } else {
      Append append = new Append(messages, null, null, null, it.tail(), false);
      assertThat(store.append(path, append).join()).isInstanceOf(AppendResult.Appended.class);
    }
    state.apply(it);
    if (it.announcement() != null) {
      Branch main = requireNonNull(state.branch(Conversation.MAIN));
      var announced = Append.of(json.write(it.announcement()));
      store.append(ConversationPaths.branch("room", Conversation.MAIN), announced).join();
      state.apply(Conversation.MAIN, main.tail() + 1, it.announcement());
    }
  }

  @Test
  void branchesAreForksOfStreamsAndAreLoadedFromThem() {
    try (Store store = new MemoryStore()) {
      store(store, new Command.Create("room", "ada", "Plans", Room.GUIDE));
      store(store, Room.say("ada", "t1", null));
      store(store, Room.say("ada", "t2", null));
      store(store, edit("main", "t2", "b2", "u2"));
      store(store, edit("b2", "u2", "b3", "v2"));
      store(store, edit("b3", "t1", "b4", "w1"));

      assertThat(turns(store, "main")).containsExactly("t1", "t2");
      assertThat(turns(store, "b2")).containsExactly("t1", "u2");
      assertThat(turns(store, "b3")).containsExactly("t1", "v2");
      assertThat(turns(store, "b4")).containsExactly("w1");
      for (Branch branch : state.branches().values()) {
        assertThat(turns(store, branch.id()))
            .isEqualTo(branch.turns().stream().map(Turn::id).toList());
        assertThat(store.head(ConversationPaths.branch("room", branch.id())).join())
            .hasValueSatisfying(info -> assertThat(info.tail()).isEqualTo(branch.tail()));
      }
    }
  }

  private static Command.Edit edit(String source, String replaces, String branch, String turn) {
    return new Command.Edit(
        "ada", source, replaces, branch, turn, null, false, Room.text("rather"), null);
  }

  private List<String> turns(Store store, String branch) {
    return store
        .read(ConversationPaths.branch("room", branch), 0, 1000, 1 << 20)
        .join()
        .orElseThrow()
        .messages()
        .stream()
        .map(message -> json.read(message.bytes()))
        .filter(ConversationEvent.TurnAdded.class::isInstance)
        .map(event -> ((ConversationEvent.TurnAdded) event).turn())
        .toList();
  }
}
