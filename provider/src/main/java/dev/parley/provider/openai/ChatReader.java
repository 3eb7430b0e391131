package dev.parley.provider.openai;

import dev.parley.conversation.FinishReason;
import dev.parley.provider.Dialect;
import dev.parley.provider.JsonText;
import dev.parley.provider.Refusal;
import dev.parley.provider.Reply;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the chunks of a chat completion. Confined to the loop of its answer. */
final class ChatReader implements Dialect.Reader {
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};
  private static final int MAX_CALLS = 128;
  private static final int NOT_BEGUN = -1;

  private final Reply reply;
  private final TextTemplate template = new TextTemplate();
  private @Nullable String text; // of the chunk that is read
  private int textAt; // where it stands there
  private boolean textAlone; // whether the chunk says nothing else
  private int[] calls = {}; // the reply's index of a tool call by the upstream's

  ChatReader(Reply reply) {
    this.reply = reply;
  }

  @Override
  public void onEvent(String type, byte[] data, int length) {
    String alone = template.read(data, length);
    if (alone != null) {
      reply.text(alone);
      return;
    }
    if (isDone(data, length)) {
      reply.finish();
      return;
    }
    text = null;
    textAlone = true;
    try (JsonParser json = JsonText.parser(data, length)) {
      json.nextToken();
      if (JsonText.atObject(json)) {
        chunk(json);
      }
    }
    if (textAlone && text != null) {
      template.learn(data, length, textAt, text);
    }
  }

  /** A second one changes nothing: the reply has ended. */
  private static boolean isDone(byte[] data, int length) {
    int end = length;
    while (end > 0 && data[end - 1] == ' ') {
      end--;
    }
    return Arrays.equals(data, 0, end, DONE, 0, DONE.length);
  }

  private void chunk(JsonParser json) {
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      JsonToken value = json.nextToken();
      switch (name) {
        case "choices" -> choices(json);
        case "usage" -> {
          textAlone &= value == JsonToken.VALUE_NULL;
          reply.usage(JsonText.usage(json, reply.usage()));
        }
        case "error" -> {
          if (value != JsonToken.VALUE_NULL) {
            textAlone = false;
            reply.fail(Refusal.readValue(json).inStream());
          }
        }
        default -> json.skipChildren();
      }
    }
  }

  private void choices(JsonParser json) {
    if (!JsonText.atArray(json)) {
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (JsonText.atObject(json)) {
        choice(json);
      }
    }
  }

  private void choice(JsonParser json) {
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      JsonToken value = json.nextToken();
      switch (name) {
        case "delta" -> delta(json);
        case "finish_reason" -> {
          textAlone &= value == JsonToken.VALUE_NULL;
          reason(JsonText.scalar(json));
        }
        default -> json.skipChildren();
      }
    }
  }

  private void reason(String word) {
    switch (word) {
      case "" -> {}
      case "length" -> reply.reason(FinishReason.LENGTH);
      case "tool_calls", "function_call" -> reply.reason(FinishReason.TOOL_CALLS);
      case "content_filter" -> reply.reason(FinishReason.FILTERED);
      default -> reply.reason(reply.toolCalls() > 0 ? FinishReason.TOOL_CALLS : FinishReason.STOP);
    }
  }

  private void delta(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      JsonToken value = json.nextToken();
      switch (name) {
        case "content", "refusal" -> text(json);
        case "reasoning_content", "reasoning" -> {
          textAlone &= value == JsonToken.VALUE_NULL;
          reply.reasoning(JsonText.scalar(json));
        }
        case "tool_calls" -> {
          textAlone &= value == JsonToken.VALUE_NULL;
          toolCalls(json);
        }
        default -> json.skipChildren();
      }
    }
  }

  private void text(JsonParser json) {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      textAlone &= json.currentToken() == JsonToken.VALUE_NULL;
      reply.text(JsonText.scalar(json));
      return;
    }
    textAlone &= text == null;
    textAt = (int) json.currentTokenLocation().getByteOffset();
    String said = json.getString();
    text = said;
    reply.text(said);
  }

  private void toolCalls(JsonParser json) {
    if (!JsonText.atArray(json)) {
      return;
    }
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (JsonText.atObject(json)) {
        toolCall(json);
      }
    }
  }

  /**
   * A call begins where its index is new, or, from upstreams that number none, where an id comes.
   */
  private void toolCall(JsonParser json) {
    long index = NOT_BEGUN;
    String id = "";
    String function = "";
    String arguments = "";
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      json.nextToken();
      switch (name) {
        case "index" -> index = JsonText.count(json, NOT_BEGUN);
        case "id" -> id = JsonText.scalar(json);
        case "function" -> {
          if (JsonText.atObject(json)) {
            for (String of = json.nextName(); of != null; of = json.nextName()) {
              json.nextToken();
              switch (of) {
                case "name" -> function = JsonText.scalar(json);
                case "arguments" -> arguments = JsonText.scalar(json);
                default -> json.skipChildren();
              }
            }
          }
        }
        default -> json.skipChildren();
      }
    }
    if (index >= MAX_CALLS) {
      return;
    }
    int call = call((int) index, id, function);
    if (call != NOT_BEGUN) {
      reply.toolArguments(call, arguments);
    }
  }

  private int call(int index, String id, String function) {
    if (index == NOT_BEGUN) {
      boolean begins = !id.isEmpty() && reply.toolCalls() < MAX_CALLS;
      return begins ? reply.toolCall(id, function) : reply.toolCalls() - 1;
    }
    if (index >= calls.length) {
      int known = calls.length;
      calls = Arrays.copyOf(calls, index + 1);
      Arrays.fill(calls, known, calls.length, NOT_BEGUN);
    }
    if (calls[index] == NOT_BEGUN) {
      if (function.isEmpty()) {
        return NOT_BEGUN;
      }
      calls[index] = reply.toolCall(id.isEmpty() ? "call_" + index : id, function);
    }
    return calls[index];
  }
}
