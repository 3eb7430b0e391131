package dev.parley.wire.talk;

import dev.parley.conversation.request.RequestRefused;
import dev.parley.stream.StoreException;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What a client is answered when something was refused, or went wrong. Stateless. */
final class Refusals {
  private static final System.Logger LOG = System.getLogger(Refusals.class.getName());

  private Refusals() {}

  static ObjectNode of(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return switch (cause) {
      case RequestRefused refused ->
          error(refused.code(), refused.number(), refused.text(), refused.retry());
      case IllegalArgumentException e ->
          error("bad_field", 0, String.valueOf(e.getMessage()), false);
      case StoreException e -> error(e.code().word(), 0, e.code().sentence(), e.code().retryable());
      default -> {
        LOG.log(System.Logger.Level.ERROR, "conversations: an event failed", cause);
        yield error("internal", 0, "the server failed", false);
      }
    };
  }

  private static ObjectNode error(String code, int number, String message, boolean retry) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ObjectNode error = answer.putObject("error").put("code", code);
    if (number != 0) {
      error.put("number", number);
    }
    error.put("message", message).put("retry", retry);
    return answer;
  }
}
