package dev.parley.testkit.upstream;

import dev.parley.testkit.upstream.Script.ToolCall;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Locale;

/** OpenAI's chat completions. Confined to the connection's loop. */
final class ChatFormat extends Format {
  private static final String DONE = "data: [DONE]\n\n";

  private final long created = System.currentTimeMillis() / 1000;
  private final boolean usage;
  private final Line textLine;
  private final Line reasoningLine;

  ChatFormat(Script script, Prompt prompt, String id) {
    super(script, prompt, id);
    usage = script.usage() || prompt.includeUsage();
    textLine = Line.around(delta("{\"content\":\"\0\"}", "null"));
    reasoningLine = Line.around(delta("{\"reasoning_content\":\"\0\"}", "null"));
  }

  @Override
  void open(ByteBuf out) {
    write(out, delta("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}", "null"));
  }

  @Override
  void reasoning(ByteBuf out, ByteBuf text) {
    reasoningLine.write(out, text);
  }

  @Override
  void text(ByteBuf out, ByteBuf text) {
    textLine.write(out, text);
  }

  @Override
  void toolCall(ByteBuf out, int index, ToolCall call) {
    write(
        out,
        delta(
            String.format(
                Locale.ROOT,
                """
                {"tool_calls":[{"index":%d,"id":"%s","type":"function","function":{"name":%s,"arguments":""}}]}\
                """,
                index,
                callId(index),
                Json.quote(call.name())),
            "null"));
  }

  @Override
  void toolArguments(ByteBuf out, int index, String piece) {
    write(
        out,
        delta(
            String.format(
                Locale.ROOT,
                """
                {"tool_calls":[{"index":%d,"function":{"arguments":%s}}]}\
                """,
                index,
                Json.quote(piece)),
            "null"));
  }

  @Override
  void close(ByteBuf out, Finish finish, Usage used) {
    write(out, delta("{}", Json.quote(finish.openAi)));
    if (usage) {
      write(out, chunk("", usage(used)));
    }
  }

  @Override
  void done(ByteBuf out) {
    write(out, DONE);
  }

  @Override
  void error(ByteBuf out, String message) {
    write(
        out,
        String.format(
            Locale.ROOT,
            """
            data: {"error":{"message":%s,"type":"server_error","param":null,"code":null}}\n\n\
            """,
            Json.quote(message)));
  }

  @Override
  String whole(String reasoning, String text, List<ToolCall> calls, Finish finish, Usage used) {
    StringBuilder message = new StringBuilder("{\"role\":\"assistant\",\"content\":");
    message.append(text.isEmpty() && !calls.isEmpty() ? "null" : '"' + text + '"');
    message.append(",\"refusal\":null");
    if (!reasoning.isEmpty()) {
      message.append(",\"reasoning_content\":\"").append(reasoning).append('"');
    }
    for (int i = 0; i < calls.size(); i++) {
      ToolCall made = calls.get(i);
      message.append(
          String.format(
              Locale.ROOT,
              """
              %s{"id":"%s","type":"function","function":{"name":%s,"arguments":%s}}\
              """,
              i == 0 ? ",\"tool_calls\":[" : ",",
              callId(i),
              Json.quote(made.name()),
              Json.quote(made.arguments())));
    }
    message.append(calls.isEmpty() ? "}" : "]}");
    return String.format(
        Locale.ROOT,
        """
        {"id":"chatcmpl-%s","object":"chat.completion","created":%d,"model":%s,"system_fingerprint":"fp_scripted",\
        "choices":[{"index":0,"message":%s,"logprobs":null,"finish_reason":"%s"}],"usage":%s}\
        """,
        id,
        created,
        model(),
        message,
        finish.openAi,
        usage(used));
  }

  private String delta(String delta, String finish) {
    return chunk(
        String.format(
            Locale.ROOT,
            """
            {"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}\
            """,
            delta,
            finish),
        "null");
  }

  private String chunk(String choice, String usageOrNull) {
    return String.format(
        Locale.ROOT,
        """
        data: {"id":"chatcmpl-%s","object":"chat.completion.chunk","created":%d,"model":%s,\
        "system_fingerprint":"fp_scripted","choices":[%s]%s}\n\n\
        """,
        id,
        created,
        model(),
        choice,
        usage ? ",\"usage\":" + usageOrNull : "");
  }

  private static String usage(Usage used) {
    return String.format(
        Locale.ROOT,
        """
        {"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,\
        "prompt_tokens_details":{"cached_tokens":%d,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}\
        """,
        used.input(),
        used.output(),
        used.input() + used.output(),
        used.cached());
  }
}
