package dev.parley.provider.scripted;

import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Delta;
import dev.parley.conversation.provider.Failure;
import dev.parley.conversation.provider.Failure.Code;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is said when no model is configured: that it is so, how to add one, and a bit of everything
 * that a reply can show. A last message that begins with one of a few words is obeyed instead,
 * after a speaker's name too:
 *
 * <ul>
 *   <li>{@code echo: text}: the text
 *   <li>{@code count: n}: the numbers from 1 to n, up to 10,000
 *   <li>{@code think: text}: reasoning, then the text
 *   <li>{@code tool: name {"json": …}}: a call of that tool, or of the first one that is declared;
 *       what it answers is then shown
 *   <li>{@code fail: code n}: counts to n, then fails with that {@link Code}
 * </ul>
 *
 * <p>Immutable.
 */
public final class Demonstration implements Function<Prompt, Script> {
  static final int HIGHEST_COUNT = 10_000;
  private static final int LONGEST_RESULT = 2_000;
  private static final Pattern WORD =
      Pattern.compile(
          "\\s*(?:[^:\\n]{1,64}: )??(echo|count|think|tool|fail):\\s*(.*)",
          Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern TOOL = Pattern.compile("([^\\s{]*)\\s*(.*)", Pattern.DOTALL);
  private static final Pattern FAIL = Pattern.compile("(\\S*)(?:\\s+(\\d{1,5}))?\\s*");
  private static final String HOW_TO =
      """
      To talk to a model, add a provider to the server's configuration: the address of any endpoint \
      that speaks the protocol of OpenAI or Anthropic, the name of a model, and which environment \
      variable or file holds the key. Then start the server again.\
      """;

  private final Script welcome;

  public Demonstration() {
    this(HOW_TO);
  }

  /**
   * The same with the words of an application.
   *
   * @param howTo add a model, in Markdown
   */
  public Demonstration(String howTo) {
    this.welcome =
        Script.says(
            """
            **No model is configured here**, so this is a prepared text and nobody read what you \
            wrote. The rest is real: reload the page, open a second tab or restart the server, and \
            the reply goes on; only *stop* stops it.

            %s

            What a reply can look like:

            - **strong**, *emphasised* and `code`
            - a [link](https://commonmark.org/help/)
            - a list, of course
              1. and one in it

            ```java
            String greet(String name) {
              return "Hello, " + name + "!";
            }
            ```

            | write | and the reply |
            | --- | --- |
            | `echo: hello` | says hello |
            | `count: 100` | counts to 100 |
            | `think: hello` | thinks first |
            | `tool: name {"json": 1}` | calls a tool |
            | `fail: overloaded 5` | fails after 5 words |
            """
                .replace("%s", howTo));
  }

  @Override
  public Script apply(Prompt prompt) {
    List<PromptTurn> turns = prompt.turns();
    if (!turns.isEmpty() && turns.getLast().role() == PromptRole.TOOL) {
      return answered(turns.getLast());
    }
    Matcher word = WORD.matcher(lastWords(turns));
    if (!word.matches()) {
      return welcome;
    }
    String rest = word.group(2);
    return switch (word.group(1).toLowerCase(Locale.ROOT)) {
      case "echo" -> Script.says(rest);
      case "count" -> count(rest.strip());
      case "think" -> Script.thinks("Somebody asks me to think. So I do.", rest);
      case "tool" -> tool(rest, prompt);
      default -> fail(rest);
    };
  }

  private static String lastWords(List<PromptTurn> turns) {
    for (PromptTurn turn : turns.reversed()) {
      if (turn.role() == PromptRole.USER) {
        return turn.parts().stream()
            .filter(TurnPart.Text.class::isInstance)
            .map(part -> ((TurnPart.Text) part).text())
            .collect(Collectors.joining());
      }
    }
    return "";
  }

  private static Script count(String to) {
    if (!to.matches("\\d{1,5}") || Integer.parseInt(to) > HIGHEST_COUNT) {
      return Script.says("count: (expected: a number up to " + HIGHEST_COUNT + ")");
    }
    return counting(Integer.parseInt(to));
  }

  /** One piece for each number. */
  private static Script counting(int to) {
    List<Delta> pieces =
        IntStream.rangeClosed(1, to)
            .<Delta>mapToObj(number -> new Delta.Text(number == 1 ? "1" : " " + number))
            .toList();
    return new Script(pieces, null);
  }

  private static Script tool(String call, Prompt prompt) {
    Matcher matcher = TOOL.matcher(call.strip());
    String name = matcher.matches() ? matcher.group(1) : "";
    if (name.isEmpty() && prompt.tools().isEmpty()) {
      return Script.says("tool: (expected: the name of one; none is declared here)");
    }
    String arguments = matcher.group(2);
    long earlier =
        prompt.turns().stream()
            .flatMap(turn -> turn.parts().stream())
            .filter(TurnPart.ToolCall.class::isInstance)
            .count();
    return Script.calls(
        "call-" + (earlier + 1),
        name.isEmpty() ? prompt.tools().getFirst().name() : name,
        arguments.isEmpty() ? "{}" : arguments);
  }

  private static Script answered(PromptTurn turn) {
    StringBuilder text = new StringBuilder();
    for (TurnPart part : turn.parts()) {
      if (part instanceof TurnPart.ToolResult result) {
        String json = result.json();
        boolean cut = json.length() > LONGEST_RESULT;
        text.append("The tool answered:\n\n```json\n")
            .append(cut ? json.substring(0, LONGEST_RESULT) + "…" : json)
            .append("\n```\n");
      }
    }
    return Script.says(text.toString());
  }

  private static Script fail(String how) {
    Matcher matcher = FAIL.matcher(how);
    String name = matcher.matches() ? matcher.group(1).replace('-', '_') : "";
    Optional<Code> code =
        Arrays.stream(Code.values()).filter(known -> known.name().equalsIgnoreCase(name)).findAny();
    if (code.isEmpty()) {
      return Script.says(
          "fail: (expected: one of "
              + Arrays.stream(Code.values())
                  .map(known -> known.name().toLowerCase(Locale.ROOT))
                  .collect(Collectors.joining(", "))
              + ")");
    }
    String after = matcher.group(2);
    int most = after == null ? 0 : Math.min(HIGHEST_COUNT, Integer.parseInt(after));
    return counting(most).failing(Failure.of(code.get(), "asked to fail"));
  }
}
