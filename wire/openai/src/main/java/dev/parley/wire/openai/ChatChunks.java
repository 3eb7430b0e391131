package dev.parley.wire.openai;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Translates what a run says into the chunks of a chat completion, and into the whole of it.
 * Confined to its request's loop.
 */
final class ChatChunks {
  private final Answering answering;
  private final boolean includeUsage;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final Map<Integer, Call> calls = new LinkedHashMap<>(); // as the upstream counts them
  private List<ObjectNode> told = new ArrayList<>();
  private boolean begun;
  private String turn = "";
  private int turnStart; // in the text

  private record Call(int place, String id, String name, StringBuilder arguments) {}

  ChatChunks(Answering answering, boolean includeUsage) {
    this.answering = answering;
    this.includeUsage = includeUsage;
  }

  /** The chunks that a message brings; a failure brings none. */
  List<ObjectNode> heard(RunMessage message) {
    told = new ArrayList<>();
    switch (message) {
      case RunMessage.Starting(String next) -> {
        if (!next.equals(turn)) {
          turn = next;
          turnStart = text.length();
        }
      }
      case RunMessage.Text(String piece) -> {
        // What is said after a tool or a word in between is another paragraph of one message.
        String spaced = turnStart > 0 && text.length() == turnStart ? "\n\n" + piece : piece;
        text.append(spaced);
        delta().put("content", spaced);
      }
      case RunMessage.Reasoning(String piece) -> {
        reasoning.append(piece);
        delta().put("reasoning_content", piece);
      }
      case RunMessage.Call it -> {
        if (answering.callsTools()) {
          Call call = new Call(calls.size(), it.id(), it.name(), new StringBuilder());
          calls.put(it.index(), call);
          ObjectNode delta = delta().putArray("tool_calls").addObject();
          delta.put("index", call.place()).put("id", it.id()).put("type", "function");
          delta.putObject("function").put("name", it.name()).put("arguments", "");
        }
      }
      case RunMessage.Arguments(int index, String json) -> {
        Call call = calls.get(index);
        if (call != null) {
          call.arguments().append(json);
          ObjectNode delta = delta().putArray("tool_calls").addObject();
          delta.put("index", call.place()).putObject("function").put("arguments", json);
        }
      }
      case RunMessage.Finished it -> ended(it);
      case RunMessage.Stopped it -> ended(it);
      case RunMessage.Failed _, RunMessage.Queued _, RunMessage.Other _ -> {}
    }
    return told;
  }

  private ObjectNode delta() {
    ObjectNode delta = choice(chunk(), null).putObject("delta");
    if (!begun) {
      begun = true;
      delta.put("role", "assistant");
    }
    return delta;
  }

  private void ended(RunMessage.End end) {
    if (!begun) {
      delta().put("content", "");
    }
    choice(chunk(), reason(end)).putObject("delta");
    if (includeUsage) {
      told.forEach(chunk -> chunk.putNull("usage"));
      ObjectNode last = chunk();
      last.putArray("choices");
      last.set("usage", usage(end.usage()));
    }
  }

  private ObjectNode chunk() {
    ObjectNode chunk = head("chat.completion.chunk");
    told.add(chunk);
    return chunk;
  }

  private ObjectNode head(String object) {
    return Fields.JSON
        .createObjectNode()
        .put("id", answering.run())
        .put("object", object)
        .put("created", answering.createdAt())
        .put("model", answering.model());
  }

  private static ObjectNode choice(ObjectNode of, @Nullable String reason) {
    return of.putArray("choices")
        .addObject()
        .put("index", 0)
        .putNull("logprobs")
        .put("finish_reason", reason);
  }

  private static String reason(RunMessage.End end) {
    return end instanceof RunMessage.Finished(FinishReason reason, Usage _)
        ? switch (reason) {
          case STOP, OTHER -> "stop";
          case LENGTH -> "length";
          case TOOL_CALLS -> "tool_calls";
          case FILTERED -> "content_filter";
        }
        : "stop";
  }

  /** All of it, once it has ended. */
  ObjectNode completion(RunMessage.End end) {
    ObjectNode completion = head("chat.completion");
    ObjectNode message = choice(completion, reason(end)).putObject("message");
    message.put("role", "assistant");
    if (text.isEmpty() && !calls.isEmpty()) {
      message.putNull("content");
    } else {
      message.put("content", text.toString());
    }
    message.putNull("refusal");
    if (!reasoning.isEmpty()) {
      message.put("reasoning_content", reasoning.toString());
    }
    if (!calls.isEmpty()) {
      ArrayNode list = message.putArray("tool_calls");
      for (Call call : calls.values()) {
        ObjectNode each = list.addObject().put("id", call.id()).put("type", "function");
        each.putObject("function")
            .put("name", call.name())
            .put("arguments", call.arguments().toString());
      }
    }
    completion.set("usage", usage(end.usage()));
    ObjectNode metadata = completion.putObject("metadata");
    answering.note().path("metadata").forEachEntry(metadata::set);
    metadata.put("ai", "true").put("conversation", answering.conversation());
    return completion;
  }

  private static ObjectNode usage(Usage took) {
    ObjectNode usage = Fields.JSON.createObjectNode();
    usage.put("prompt_tokens", took.input());
    usage.put("completion_tokens", took.output());
    usage.put("total_tokens", took.input() + took.output());
    usage.putObject("prompt_tokens_details").put("cached_tokens", took.cachedInput());
    return usage;
  }
}
