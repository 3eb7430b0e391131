package dev.parley.testkit.upstream;

import dev.parley.testkit.upstream.Script.ToolCall;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * How one reply is written in an API's words. Text is given as it stands in a JSON string. Confined
 * to the connection's loop.
 */
abstract class Format {
  final Script script;
  final Prompt prompt;
  final String id;

  Format(Script script, Prompt prompt, String id) {
    this.script = script;
    this.prompt = prompt;
    this.id = id;
  }

  /** What comes before the first word. */
  abstract void open(ByteBuf out);

  abstract void reasoning(ByteBuf out, ByteBuf text);

  abstract void text(ByteBuf out, ByteBuf text);

  /** Begins the call of this index. */
  abstract void toolCall(ByteBuf out, int index, ToolCall call);

  abstract void toolArguments(ByteBuf out, int index, String piece);

  /** The end of the reply, before {@link #done}. */
  abstract void close(ByteBuf out, Finish finish, Usage usage);

  /** The event after which nothing comes. */
  abstract void done(ByteBuf out);

  /** An error in the middle of a stream. */
  abstract void error(ByteBuf out, String message);

  /** The reply in one piece. */
  abstract String whole(
      String reasoning, String text, List<ToolCall> calls, Finish finish, Usage usage);

  final String model() {
    return Json.quote(script.name());
  }

  final String callId(int index) {
    return "call_" + id + "_" + index;
  }

  static void write(ByteBuf out, String text) {
    out.writeCharSequence(text, StandardCharsets.UTF_8);
  }
}
