package dev.parley.provider.anthropic;

import dev.parley.conversation.FinishReason;
import dev.parley.conversation.Usage;
import dev.parley.provider.Dialect;
import dev.parley.provider.JsonText;
import dev.parley.provider.Refusal;
import dev.parley.provider.Reply;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;

/** Reads the events of a message. Confined to the loop of its answer. */
final class MessagesReader implements Dialect.Reader {
  private static final int MAX_CALLS = 128;
  private static final Refusal NONE = new Refusal("", "", "");

  private final Reply reply;
  private final Map<Long, Integer> calls = new HashMap<>(); // ours by content block
  private String awaited; // white space of the prefix that the answer repeats
  private long block;
  private String innerType = "";
  private String text = "";
  private String id = "";
  private String name = "";
  private String stopReason = "";
  private Refusal error = NONE;

  MessagesReader(Reply reply, String awaited) {
    this.reply = reply;
    this.awaited = awaited;
  }

  @Override
  public void onEvent(String type, byte[] data, int length) {
    block = 0;
    innerType = "";
    text = "";
    id = "";
    name = "";
    stopReason = "";
    error = NONE;
    try (JsonParser json = JsonText.parser(data, length)) {
      json.nextToken();
      if (JsonText.atObject(json)) {
        understand(read(json, type));
      }
    }
  }

  private String read(JsonParser json, String otherwise) {
    String type = otherwise;
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      switch (member) {
        case "type" -> type = JsonText.scalar(json);
        case "index" -> block = JsonText.count(json, 0);
        case "delta", "content_block" -> inner(json);
        case "message" -> message(json);
        case "usage" -> usage(json);
        case "error" -> error = Refusal.readValue(json);
        default -> json.skipChildren();
      }
    }
    return type;
  }

  private void inner(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      switch (member) {
        case "type" -> innerType = JsonText.scalar(json);
        case "text", "thinking", "partial_json" -> text = JsonText.scalar(json);
        case "id" -> id = JsonText.scalar(json);
        case "name" -> name = JsonText.scalar(json);
        case "stop_reason" -> stopReason = JsonText.scalar(json);
        default -> json.skipChildren();
      }
    }
  }

  private void message(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      if (member.equals("usage")) {
        usage(json);
      } else {
        json.skipChildren();
      }
    }
  }

  /** What came from the cache, or went into it, is not in {@code input_tokens} here. */
  private void usage(JsonParser json) {
    if (!JsonText.atObject(json)) {
      return;
    }
    Usage before = reply.usage();
    long fresh = -1;
    long written = 0;
    long cached = 0;
    long output = before.output();
    for (String member = json.nextName(); member != null; member = json.nextName()) {
      json.nextToken();
      switch (member) {
        case "input_tokens" -> fresh = JsonText.count(json, -1);
        case "cache_creation_input_tokens" -> written = JsonText.count(json, 0);
        case "cache_read_input_tokens" -> cached = JsonText.count(json, 0);
        case "output_tokens" -> output = JsonText.count(json, output);
        default -> json.skipChildren();
      }
    }
    reply.usage(
        fresh < 0
            ? new Usage(before.input(), before.cachedInput(), output)
            : new Usage(fresh + written + cached, cached, output));
  }

  private void understand(String type) {
    switch (type) {
      case "content_block_start" -> {
        if (innerType.equals("tool_use") && calls.size() < MAX_CALLS) {
          calls.put(block, reply.toolCall(id, name));
        } else {
          delta(innerType);
        }
      }
      case "content_block_delta" -> delta(innerType);
      case "message_delta" -> reason();
      case "message_stop" -> reply.finish();
      case "error" -> reply.fail(error.inStream());
      default -> {}
    }
  }

  private void delta(String of) {
    switch (of) {
      case "text", "text_delta" -> reply.text(unawaited(text));
      case "thinking", "thinking_delta" -> reply.reasoning(text);
      case "input_json_delta" -> {
        Integer call = calls.get(block);
        if (call != null) {
          reply.toolArguments(call, text);
        }
      }
      default -> {}
    }
  }

  private String unawaited(String said) {
    int same = 0;
    while (same < awaited.length()
        && same < said.length()
        && awaited.charAt(same) == said.charAt(same)) {
      same++;
    }
    awaited = same == said.length() ? awaited.substring(same) : "";
    return said.substring(same);
  }

  private void reason() {
    switch (stopReason) {
      case "" -> {}
      case "max_tokens", "model_context_window_exceeded" -> reply.reason(FinishReason.LENGTH);
      case "tool_use" -> reply.reason(FinishReason.TOOL_CALLS);
      case "refusal" -> reply.reason(FinishReason.FILTERED);
      default -> reply.reason(FinishReason.STOP);
    }
  }
}
