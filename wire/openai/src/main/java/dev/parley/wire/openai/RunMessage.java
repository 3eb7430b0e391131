package dev.parley.wire.openai;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.RunFailure;
import dev.parley.conversation.RunState;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.Usage;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What the stream of a run says, one message at a time. Immutable. */
sealed interface RunMessage {
  /** What belongs to no kind that is of interest here. */
  record Other() implements RunMessage {}

  record Queued() implements RunMessage {}

  /** What follows belongs to {@code turn}, also when that began earlier. */
  record Starting(String turn) implements RunMessage {}

  record Text(String text) implements RunMessage {}

  record Reasoning(String text) implements RunMessage {}

  record Call(int index, String id, String name) implements RunMessage {}

  record Arguments(int index, String json) implements RunMessage {}

  /** The last message. */
  sealed interface End extends RunMessage {
    Usage usage();
  }

  record Finished(FinishReason reason, Usage usage) implements End {}

  record Stopped(Usage usage) implements End {}

  record Failed(String reason, String message, boolean retryable, Usage usage) implements End {}

  /** Never fails: what makes no sense is of another kind. */
  static RunMessage read(byte[] bytes) {
    JsonNode node;
    try {
      node = Fields.JSON.readTree(bytes);
    } catch (JacksonException e) {
      return new Other();
    }
    if (node.path("text").isString()) {
      return new Text(node.path("text").stringValue());
    }
    if (node.path("reasoning").isString()) {
      return new Reasoning(node.path("reasoning").stringValue());
    }
    if (node.path("call").isInt()) {
      int index = node.path("call").intValue();
      return node.path("arguments").isString()
          ? new Arguments(index, node.path("arguments").stringValue())
          : new Call(index, node.path("id").asString(""), node.path("name").asString(""));
    }
    return switch (node.path("state").asString("")) {
      case "queued" -> new Queued();
      case "starting" -> new Starting(node.path("turn").asString(""));
      case "finished" -> new Finished(reason(node.path("reason").asString("")), usage(node));
      case "stopped" -> new Stopped(usage(node));
      case "failed" ->
          new Failed(
              node.path("reason").asString("failed"),
              node.path("message").asString(""),
              node.path("retryable").asBoolean(false),
              usage(node));
      default -> new Other();
    };
  }

  private static FinishReason reason(String word) {
    for (FinishReason reason : FinishReason.values()) {
      if (reason.name().toLowerCase(Locale.ROOT).equals(word.replace('-', '_'))) {
        return reason;
      }
    }
    return FinishReason.OTHER;
  }

  private static Usage usage(JsonNode node) {
    JsonNode usage = node.path("usage");
    return new Usage(
        Math.max(0, usage.path("input").asLong(0)),
        Math.max(0, usage.path("cachedInput").asLong(0)),
        Math.max(0, usage.path("output").asLong(0)));
  }

  /** The end that a conversation remembers, {@code null} before it. */
  static @Nullable End of(RunState state, Usage usage) {
    return switch (state) {
      case RunState.Finished(FinishReason reason) -> new Finished(reason, usage);
      case RunState.Stopped _ -> new Stopped(usage);
      case RunState.Failed(RunFailure failure) ->
          new Failed(failure.reason(), failure.message(), failure.retryable(), usage);
      case RunState.Queued _,
          RunState.Starting _,
          RunState.Streaming _,
          RunState.WaitingForTool _ ->
          null;
    };
  }

  /** A part that a conversation remembers; the arguments of a call come apart. */
  static RunMessage of(TurnPart part, int index) {
    return switch (part) {
      case TurnPart.Text it -> new Text(it.text());
      case TurnPart.Reasoning it -> new Reasoning(it.text());
      case TurnPart.ToolCall it -> new Call(index, it.id(), it.name());
      case TurnPart.File _, TurnPart.ToolResult _, TurnPart.Unknown _ -> new Other();
    };
  }
}
