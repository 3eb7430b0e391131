package dev.parley.testkit.upstream;

import dev.parley.testkit.upstream.Script.ToolCall;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's responses: numbered events, and at the end of each part all of it once more. Confined to
 * the connection's loop.
 */
final class ResponsesFormat extends Format {
  private static final int MAX_KEPT = 1 << 20; // of a part that is repeated at its end

  private enum Part {
    REASONING,
    TEXT,
    TOOL
  }

  private final long created = System.currentTimeMillis() / 1000;
  private final List<String> items = new ArrayList<>(); // that are complete
  private final ByteBuf kept = Unpooled.buffer();
  private @Nullable Part part;
  private @Nullable Line line; // of the open part, up to its sequence number
  private @Nullable ToolCall call;
  private String endType = "";
  private String endResponse = "";
  private int sequence;

  ResponsesFormat(Script script, Prompt prompt, String id) {
    super(script, prompt, id);
  }

  @Override
  void open(ByteBuf out) {
    event(out, "response.created", "\"response\":" + response("in_progress", "null", "null"));
    event(out, "response.in_progress", "\"response\":" + response("in_progress", "null", "null"));
  }

  @Override
  void reasoning(ByteBuf out, ByteBuf text) {
    if (part != Part.REASONING) {
      begin(
          out,
          Part.REASONING,
          "{\"id\":\"" + itemId() + "\",\"type\":\"reasoning\",\"summary\":[]}");
      event(
          out,
          "response.reasoning_summary_part.added",
          at("summary_index") + ",\"part\":{\"type\":\"summary_text\",\"text\":\"\"}");
      line =
          line("response.reasoning_summary_text.delta", at("summary_index") + ",\"delta\":\"\0\"");
    }
    delta(out, text);
  }

  @Override
  void text(ByteBuf out, ByteBuf text) {
    if (part != Part.TEXT) {
      begin(out, Part.TEXT, message("in_progress", ""));
      event(
          out, "response.content_part.added", at("content_index") + ",\"part\":" + outputText(""));
      line =
          line(
              "response.output_text.delta",
              at("content_index") + ",\"delta\":\"\0\",\"logprobs\":[]");
    }
    delta(out, text);
  }

  private void delta(ByteBuf out, ByteBuf text) {
    if (line != null) {
      line.write(out, text);
      ByteBufUtil.writeAscii(out, Integer.toString(sequence++));
      ByteBufUtil.writeAscii(out, "}\n\n");
    }
    if (kept.readableBytes() < MAX_KEPT) {
      kept.writeBytes(text, text.readerIndex(), text.readableBytes());
    }
  }

  private static Line line(String type, String fields) {
    return Line.around(
        "event: "
            + type
            + "\ndata: {\"type\":\""
            + type
            + "\","
            + fields
            + ",\"sequence_number\":");
  }

  @Override
  void toolCall(ByteBuf out, int index, ToolCall made) {
    endPart(out);
    call = made;
    begin(out, Part.TOOL, functionCall(index, made.name(), "", "in_progress"));
  }

  @Override
  void toolArguments(ByteBuf out, int index, String piece) {
    event(
        out, "response.function_call_arguments.delta", at("") + ",\"delta\":" + Json.quote(piece));
  }

  @Override
  void close(ByteBuf out, Finish finish, Usage usage) {
    endPart(out);
    boolean complete = finish == Finish.STOP || finish == Finish.TOOL_CALLS;
    endType = complete ? "response.completed" : "response.incomplete";
    endResponse = response(complete ? "completed" : "incomplete", reason(finish), usage(usage));
  }

  /** Nothing follows the event that holds the response itself. */
  @Override
  void done(ByteBuf out) {
    event(out, endType, "\"response\":" + endResponse);
  }

  @Override
  void error(ByteBuf out, String message) {
    event(
        out,
        "error",
        "\"code\":\"server_error\",\"message\":" + Json.quote(message) + ",\"param\":null");
  }

  @Override
  String whole(String reasoning, String text, List<ToolCall> calls, Finish finish, Usage usage) {
    if (!reasoning.isEmpty()) {
      items.add(reasoningItem(reasoning));
    }
    if (!text.isEmpty()) {
      items.add(message("completed", text));
    }
    for (int i = 0; i < calls.size(); i++) {
      items.add(functionCall(i, calls.get(i).name(), calls.get(i).arguments(), "completed"));
    }
    boolean complete = finish == Finish.STOP || finish == Finish.TOOL_CALLS;
    return response(complete ? "completed" : "incomplete", reason(finish), usage(usage));
  }

  private void begin(ByteBuf out, Part next, String item) {
    endPart(out);
    part = next;
    String added = "\"output_index\":" + items.size() + ",\"item\":" + item;
    event(out, "response.output_item.added", added);
  }

  private void endPart(ByteBuf out) {
    Part ended = part;
    if (ended == null) {
      return;
    }
    String all = kept.toString(StandardCharsets.UTF_8);
    kept.clear();
    String item =
        switch (ended) {
          case REASONING -> {
            String summary = "\"part\":{\"type\":\"summary_text\",\"text\":\"" + all + "\"}";
            event(
                out,
                "response.reasoning_summary_text.done",
                at("summary_index") + ",\"text\":\"" + all + "\"");
            event(out, "response.reasoning_summary_part.done", at("summary_index") + "," + summary);
            yield reasoningItem(all);
          }
          case TEXT -> {
            event(
                out,
                "response.output_text.done",
                at("content_index") + ",\"text\":\"" + all + "\",\"logprobs\":[]");
            event(
                out,
                "response.content_part.done",
                at("content_index") + ",\"part\":" + outputText(all));
            yield message("completed", all);
          }
          case TOOL -> {
            ToolCall made = call == null ? new ToolCall("", "") : call;
            event(
                out,
                "response.function_call_arguments.done",
                at("")
                    + ",\"name\":"
                    + Json.quote(made.name())
                    + ",\"arguments\":"
                    + Json.quote(made.arguments()));
            yield functionCall(toolIndex(), made.name(), made.arguments(), "completed");
          }
        };
    String done = "\"output_index\":" + items.size() + ",\"item\":" + item;
    event(out, "response.output_item.done", done);
    items.add(item);
    part = null;
  }

  /** The calls that are complete, which is the index of the open one. */
  private int toolIndex() {
    return (int) items.stream().filter(item -> item.contains("\"type\":\"function_call\"")).count();
  }

  private String itemId() {
    return "item_" + id + "_" + items.size();
  }

  private String at(String indexName) {
    return "\"item_id\":\""
        + itemId()
        + "\",\"output_index\":"
        + items.size()
        + (indexName.isEmpty() ? "" : ",\"" + indexName + "\":0");
  }

  private String message(String status, String text) {
    return String.format(
        Locale.ROOT,
        """
        {"id":"%s","type":"message","status":"%s","role":"assistant","content":[%s]}\
        """,
        itemId(),
        status,
        text.isEmpty() ? "" : outputText(text));
  }

  private static String outputText(String text) {
    return "{\"type\":\"output_text\",\"text\":\""
        + text
        + "\",\"annotations\":[],\"logprobs\":[]}";
  }

  private String reasoningItem(String text) {
    return String.format(
        Locale.ROOT,
        """
        {"id":"%s","type":"reasoning","summary":[{"type":"summary_text","text":"%s"}]}\
        """,
        itemId(),
        text);
  }

  private String functionCall(int index, String name, String arguments, String status) {
    return String.format(
        Locale.ROOT,
        """
        {"id":"%s","type":"function_call","status":"%s","call_id":"%s","name":%s,"arguments":%s}\
        """,
        itemId(),
        status,
        callId(index),
        Json.quote(name),
        Json.quote(arguments));
  }

  private String response(String status, String incomplete, String usage) {
    return String.format(
        Locale.ROOT,
        """
        {"id":"resp_%s","object":"response","created_at":%d,"status":"%s","error":null,"incomplete_details":%s,\
        "instructions":null,"metadata":{},"model":%s,"output":[%s],"parallel_tool_calls":true,"temperature":1.0,\
        "tool_choice":"auto","tools":[],"top_p":1.0,"usage":%s}\
        """,
        id,
        created,
        status,
        incomplete,
        model(),
        String.join(",", items),
        usage);
  }

  private static String reason(Finish finish) {
    return switch (finish) {
      case STOP, TOOL_CALLS -> "null";
      case LENGTH -> "{\"reason\":\"max_output_tokens\"}";
      case CONTENT_FILTER -> "{\"reason\":\"content_filter\"}";
    };
  }

  private static String usage(Usage used) {
    return String.format(
        Locale.ROOT,
        """
        {"input_tokens":%d,"input_tokens_details":{"cached_tokens":%d},"output_tokens":%d,\
        "output_tokens_details":{"reasoning_tokens":0},"total_tokens":%d}\
        """,
        used.input(),
        used.cached(),
        used.output(),
        used.input() + used.output());
  }

  private void event(ByteBuf out, String type, String fields) {
    write(
        out,
        "event: "
            + type
            + "\ndata: {\"type\":\""
            + type
            + "\",\"sequence_number\":"
            + sequence++
            + ","
            + fields
            + "}\n\n");
  }
}
