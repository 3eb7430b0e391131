package dev.parley.testkit.upstream;

import dev.parley.testkit.upstream.Script.ToolCall;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Anthropic's messages: blocks, each begun and ended. Confined to the connection's loop. */
final class MessagesFormat extends Format {
  private enum Block {
    THINKING,
    TEXT,
    TOOL
  }

  private @Nullable Block block;
  private int index = -1;
  private @Nullable Line line; // of the open block

  MessagesFormat(Script script, Prompt prompt, String id) {
    super(script, prompt, id);
  }

  @Override
  void open(ByteBuf out) {
    Usage begun = new Usage(prompt.inputTokens(), script.cached(), 1);
    event(
        out,
        "message_start",
        String.format(
            Locale.ROOT,
            """
            "message":{"id":"msg_%s","type":"message","role":"assistant","content":[],"model":%s,\
            "stop_reason":null,"stop_sequence":null,"usage":%s}\
            """,
            id,
            model(),
            usage(begun)));
    write(out, "event: ping\ndata: {\"type\":\"ping\"}\n\n");
  }

  @Override
  void reasoning(ByteBuf out, ByteBuf text) {
    if (block != Block.THINKING) {
      begin(out, Block.THINKING, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}");
      line = Line.around(delta("{\"type\":\"thinking_delta\",\"thinking\":\"\0\"}"));
    }
    writeLine(out, text);
  }

  @Override
  void text(ByteBuf out, ByteBuf text) {
    if (block != Block.TEXT) {
      begin(out, Block.TEXT, "{\"type\":\"text\",\"text\":\"\"}");
      line = Line.around(delta("{\"type\":\"text_delta\",\"text\":\"\0\"}"));
    }
    writeLine(out, text);
  }

  private void writeLine(ByteBuf out, ByteBuf text) {
    if (line != null) {
      line.write(out, text);
    }
  }

  @Override
  void toolCall(ByteBuf out, int call, ToolCall made) {
    begin(
        out,
        Block.TOOL,
        String.format(
            Locale.ROOT,
            """
            {"type":"tool_use","id":"%s","name":%s,"input":{}}\
            """,
            callId(call),
            Json.quote(made.name())));
  }

  @Override
  void toolArguments(ByteBuf out, int call, String piece) {
    write(out, delta("{\"type\":\"input_json_delta\",\"partial_json\":" + Json.quote(piece) + "}"));
  }

  @Override
  void close(ByteBuf out, Finish finish, Usage used) {
    endBlock(out);
    event(
        out,
        "message_delta",
        String.format(
            Locale.ROOT,
            """
            "delta":{"stop_reason":"%s","stop_sequence":null},"usage":{"output_tokens":%d}\
            """,
            finish.anthropic,
            used.output()));
  }

  @Override
  void done(ByteBuf out) {
    write(out, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
  }

  @Override
  void error(ByteBuf out, String message) {
    event(
        out,
        "error",
        "\"error\":{\"type\":\"overloaded_error\",\"message\":" + Json.quote(message) + "}");
  }

  @Override
  String whole(String reasoning, String text, List<ToolCall> calls, Finish finish, Usage used) {
    List<String> blocks = new ArrayList<>();
    if (!reasoning.isEmpty()) {
      blocks.add(
          "{\"type\":\"thinking\",\"thinking\":\"" + reasoning + "\",\"signature\":\"scripted\"}");
    }
    if (!text.isEmpty()) {
      blocks.add("{\"type\":\"text\",\"text\":\"" + text + "\"}");
    }
    for (int i = 0; i < calls.size(); i++) {
      ToolCall call = calls.get(i);
      blocks.add(
          String.format(
              Locale.ROOT,
              """
              {"type":"tool_use","id":"%s","name":%s,"input":%s}\
              """,
              callId(i),
              Json.quote(call.name()),
              call.arguments()));
    }
    return String.format(
        Locale.ROOT,
        """
        {"id":"msg_%s","type":"message","role":"assistant","content":[%s],"model":%s,\
        "stop_reason":"%s","stop_sequence":null,"usage":%s}\
        """,
        id,
        String.join(",", blocks),
        model(),
        finish.anthropic,
        usage(used));
  }

  private void begin(ByteBuf out, Block next, String content) {
    endBlock(out);
    block = next;
    index++;
    event(out, "content_block_start", "\"index\":" + index + ",\"content_block\":" + content);
  }

  private void endBlock(ByteBuf out) {
    if (block == Block.THINKING) {
      write(out, delta("{\"type\":\"signature_delta\",\"signature\":\"scripted\"}"));
    }
    if (block != null) {
      event(out, "content_block_stop", "\"index\":" + index);
      block = null;
    }
  }

  private String delta(String delta) {
    return "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"
        + index
        + ",\"delta\":"
        + delta
        + "}\n\n";
  }

  private static void event(ByteBuf out, String type, String fields) {
    write(out, "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + fields + "}\n\n");
  }

  private static String usage(Usage used) {
    return String.format(
        Locale.ROOT,
        """
        {"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":%d,"output_tokens":%d}\
        """,
        used.input() - used.cached(),
        used.cached(),
        used.output());
  }
}
