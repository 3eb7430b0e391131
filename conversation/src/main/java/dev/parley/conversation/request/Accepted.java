package dev.parley.conversation.request;

import dev.parley.conversation.run.Answer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What is answered to a command that asks for something: the names of what it made. Stateless. */
final class Accepted {
  private Accepted() {}

  static Answer.Done require(Answer answer) {
    return switch (answer) {
      case Answer.Done done -> done;
      case Answer.Refused refused -> throw RequestRefused.of(refused.refusal(), refused.message());
    };
  }

  static ObjectNode json(Answer answer) {
    return json(require(answer), null);
  }

  /**
   * @param run it was about, if it made none
   */
  static ObjectNode json(Answer.Done done, @Nullable String run) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (done.turn() != null) {
      json.put("turn", done.turn());
    }
    String named = run != null ? run : done.run();
    if (named != null) {
      json.put("run", named);
    }
    return json.put("branch", done.branch()).put("offset", done.offset());
  }
}
