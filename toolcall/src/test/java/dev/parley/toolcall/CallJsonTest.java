package dev.parley.toolcall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.run.ToolCall;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CallJsonTest {
  @Test
  void theIdIsOfConversationRunAndCallAlone() {
    List<String> ids =
        List.of(
            id("a", "b", "c"),
            id("ab", "", "c"),
            id("a", "bc", ""),
            id("a", "b", "d"),
            id("a", "d", "c"),
            id("d", "b", "c"),
            id("a", "b", "ü\"x".repeat(80)));

    assertThat(ids).doesNotHaveDuplicates();
    assertThat(ids).allMatch(id -> id.matches("call_[A-Za-z0-9_-]{43}"));
    assertThat(CallJson.id(call("a", "b", "c", "{\"other\":1}", 7))).isEqualTo(ids.getFirst());
  }

  @Test
  void anotherAttemptHasTheSameBytes() throws Exception {
    byte[] first = CallJson.encode("id", call("a", "b", "c", "{}", 1));

    assertThat(CallJson.encode("id", call("a", "b", "c", "{}", 2))).isEqualTo(first);
  }

  private static String id(String conversation, String run, String call) {
    return CallJson.id(call(conversation, run, call, "{}", 1));
  }

  private static ToolCall call(
      String conversation, String run, String call, String arguments, int attempt) {
    return new ToolCall(
        conversation, run, call, "t", arguments, "alice", new PersonaRef("p", 1), attempt);
  }
}
