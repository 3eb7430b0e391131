package dev.parley.testkit.upstream;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a model says, and what goes wrong: its name, understood. A value; the README has the
 * grammar.
 *
 * @param intervalNanos between writes; 0 for as fast as the client reads
 * @param burst words in one write
 * @param finish why the reply ends, null for the true reason
 * @param times how many requests of this name meet its fault; those after it are answered as if
 *     there were none
 * @param tag whatever tells replies apart in the statistics
 */
record Script(
    String name,
    int tokens,
    int reasoning,
    long intervalNanos,
    int burst,
    long firstNanos,
    Text text,
    Prefix prefix,
    List<ToolCall> toolCalls,
    int toolAfter,
    @Nullable Finish finish,
    boolean usage,
    int cached,
    int context,
    int times,
    String tag,
    Trouble trouble) {

  /** What becomes of an assistant's message at the end of a request. */
  enum Prefix {
    CONTINUE,
    IGNORE,
    REFUSE
  }

  /** A call that the model makes; {@code arguments} is JSON, or what the test takes for it. */
  record ToolCall(String name, String arguments) {
    private static ToolCall parse(String text) {
      int colon = text.indexOf(':');
      if (colon < 1) {
        throw Parameters.wrong("tool-call", text, "name:{json}");
      }
      return new ToolCall(text.substring(0, colon), text.substring(colon + 1));
    }
  }

  /**
   * @throws IllegalArgumentException that says which part is wrong, and what was expected
   */
  static Script parse(String name) {
    int question = name.indexOf('?');
    Parameters parameters = Parameters.parse(question < 0 ? "" : name.substring(question + 1));
    int burst = parameters.integer("burst", 1, 1, 10_000);
    Script script =
        new Script(
            name,
            parameters.integer("tokens", 100, 0, Token.MAX_NUMBER),
            parameters.integer("reasoning", 0, 0, Token.MAX_NUMBER),
            intervalNanos(parameters.text("rate")) * burst,
            burst,
            parameters.nanos("first", 0),
            Objects.requireNonNullElse(parameters.choice("text", Text.class), Text.TOKENS),
            Objects.requireNonNullElse(parameters.choice("prefix", Prefix.class), Prefix.CONTINUE),
            parameters.all("tool-call").stream().map(ToolCall::parse).toList(),
            parameters.integer("tool-after", 0, 0, Token.MAX_NUMBER),
            parameters.choice("finish", Finish.class),
            parameters.flag("usage"),
            parameters.integer("cached", 0, 0, Integer.MAX_VALUE),
            parameters.integer("context", Integer.MAX_VALUE, 0, Integer.MAX_VALUE),
            parameters.integer("times", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
            Objects.requireNonNullElse(parameters.text("tag"), ""),
            Trouble.parse(parameters));
    parameters.refuseOthers();
    return script;
  }

  private static long intervalNanos(@Nullable String rate) {
    String value = rate == null ? "30" : rate;
    if (value.equals("max")) {
      return 0;
    }
    try {
      double perSecond = Double.parseDouble(value);
      if (perSecond >= 0.001 && perSecond <= 1e6) {
        return Math.round(1e9 / perSecond);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          Parameters.wrong("rate", value, "tokens per second, or max").getMessage(), e);
    }
    throw Parameters.wrong("rate", value, "tokens per second, or max");
  }

  /** The same reply without anything going wrong. */
  Script untroubled() {
    return new Script(
        name,
        tokens,
        reasoning,
        intervalNanos,
        burst,
        firstNanos,
        text,
        prefix,
        toolCalls,
        toolAfter,
        finish,
        usage,
        cached,
        context,
        times,
        tag,
        Trouble.NONE);
  }
}
