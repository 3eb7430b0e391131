package dev.parley.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.conversation.Author;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import dev.parley.conversation.provider.Parameters;
import dev.parley.conversation.provider.Prompt;
import dev.parley.conversation.provider.PromptRole;
import dev.parley.conversation.provider.PromptTurn;
import dev.parley.conversation.provider.Prompts;
import dev.parley.conversation.provider.Tool;
import dev.parley.provider.anthropic.Messages;
import dev.parley.provider.openai.ChatCompletions;
import dev.parley.provider.openai.ChatOptions;
import dev.parley.provider.openai.Responses;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;

final class RequestTest {
  private static final ChatCompletions CHAT = new ChatCompletions(ChatOptions.OPENAI);
  private static final List<PromptTurn> TURNS =
      List.of(
          PromptTurn.system("be \"brief\""),
          new PromptTurn(
              PromptRole.USER,
              List.of(
                  new TurnPart.Text("what's this?"),
                  new TurnPart.File("a.png", "image/png", "https://files.example/a.png"))),
          new PromptTurn(
              PromptRole.ASSISTANT,
              List.of(
                  new TurnPart.Reasoning("hm"),
                  new TurnPart.Text("let me see"),
                  new TurnPart.ToolCall("c1", "look", "{\"at\":1}"))),
          new PromptTurn(
              PromptRole.TOOL, List.of(new TurnPart.ToolResult("c1", "{\"is\":\"a cat\"}"))));

  private static List<Dialect> dialects() {
    return List.of(CHAT, new Responses(), new Messages(true));
  }

  private static Prompt prompt(List<PromptTurn> turns) {
    Parameters parameters =
        new Parameters(0.5, null, 100, List.of(), null, null, new TreeMap<>())
            .withExtra("z", "true")
            .withExtra("a", "{\"k\": [1,2]}");
    Tool tool = new Tool("look", "looks", "{\"type\":\"object\"}");
    return new Prompt("m", turns, parameters, List.of(tool), "u-1", "");
  }

  private static String json(Dialect dialect, Prompt prompt) {
    return new String(dialect.request(prompt), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void aLongerConversationBeginsWithTheBytesOfTheShorter(Dialect dialect) {
    String shorter = json(dialect, prompt(TURNS));
    List<PromptTurn> more = new ArrayList<>(TURNS);
    more.add(PromptTurn.assistant("a cat"));
    more.add(PromptTurn.user("thanks"));
    assertThat(json(dialect, prompt(TURNS))).isEqualTo(shorter);
    assertThat(json(dialect, prompt(more))).startsWith(shorter.substring(0, shorter.length() - 2));
  }

  /** Turn by turn, also where a second person comes in and people are named from then on. */
  @ParameterizedTest
  @MethodSource("dialects")
  void everyTurnOfAConversationIsAddedBehindTheBytesBeforeIt(Dialect dialect) {
    PersonaRef guide = new PersonaRef("guide", 1);
    Persona persona =
        new Persona(
            guide,
            "Guide",
            "Be brief.",
            "m",
            "p",
            Parameters.NONE.withMaxTokens(9),
            List.of(new Persona.Tool("look", "looks", "{}", false)),
            null,
            0);
    Author ada = new Author.Person("ada");
    Author bob = new Author.Person("bob");
    Author reply = new Author.OfPersona(guide);
    List<Turn> all =
        List.of(
            said(ada, new TurnPart.Text("Hi")),
            said(reply, new TurnPart.Reasoning("hm"), new TurnPart.Text("Hello")),
            said(ada, new TurnPart.Text("See?"), new TurnPart.File("a.png", "image/png", "u:a")),
            said(reply, new TurnPart.ToolCall("c1", "look", "{}")),
            said(new Author.Tool("look"), new TurnPart.ToolResult("c1", "{}")),
            said(reply, new TurnPart.Text("Yes.")),
            said(bob, new TurnPart.Text("Me too")),
            said(ada, new TurnPart.Text("Oh")),
            said(reply, new TurnPart.Text("Both.")));
    String before = "";
    for (int turns = 1; turns <= all.size(); turns++) {
      String json = json(dialect, Prompts.of(persona, all.subList(0, turns), "", ""));
      assertThat(json).as("turn %s", turns).startsWith(before);
      before = json.replaceFirst("[\\]}]+$", ""); // only brackets close behind the last turn
    }
    assertThat(before).contains("bob: Me too", "ada: Oh").doesNotContain("ada: Hi");
  }

  private static Turn said(Author author, TurnPart... parts) {
    return new Turn("t", author, false, List.of(parts), null, 1, 0);
  }

  @Test
  void anExtraParameterThatIsThereAlreadyMakesNoRequest() {
    Parameters twice = Parameters.NONE.withExtra("store", "true");
    Prompt prompt = new Prompt("m", List.of(PromptTurn.user("hi")), twice, List.of(), "", "");
    assertThat(json(CHAT, prompt)).contains("\"store\":true");
    assertThatThrownBy(() -> new Responses().request(prompt))
        .isInstanceOf(JacksonException.class)
        .hasMessageContaining("store");
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void whatIsNotJsonNeverGetsIntoARequest(Dialect dialect) {
    for (String bad : List.of("", "{", "1} , {", "{}{}", "nul")) {
      Prompt prompt =
          prompt(List.of(new PromptTurn(PromptRole.USER, List.of(new TurnPart.Unknown(bad)))));
      assertThatThrownBy(() -> dialect.request(prompt))
          .as(bad)
          .isInstanceOf(JacksonException.class);
    }
  }

  @Test
  void chatCompletionsAreAskedAsTheyAreDocumented() {
    assertThat(json(CHAT, prompt(TURNS)))
        .isEqualTo(
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
                + "\"temperature\":0.5,\"max_completion_tokens\":100,\"a\":{\"k\":[1,2]},\"z\":true,"
                + "\"user\":\"u-1\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"look\","
                + "\"description\":\"looks\",\"parameters\":{\"type\":\"object\"}}}],\"messages\":["
                + "{\"role\":\"system\",\"content\":\"be \\\"brief\\\"\"},"
                + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"what's this?\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://files.example/a.png\"}}]},"
                + "{\"role\":\"assistant\",\"content\":\"let me see\",\"tool_calls\":[{\"id\":\"c1\","
                + "\"type\":\"function\",\"function\":{\"name\":\"look\",\"arguments\":"
                + "\"{\\\"at\\\":1}\"}}]},"
                + "{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":"
                + "\"{\\\"is\\\":\\\"a cat\\\"}\"}]}");
  }

  @Test
  void responsesAreAskedAsTheyAreDocumented() {
    assertThat(json(new Responses(), prompt(TURNS)))
        .contains("\"store\":false", "\"max_output_tokens\":100", "\"safety_identifier\":\"u-1\"")
        .endsWith(
            "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\","
                + "\"text\":\"let me see\"}]},{\"type\":\"function_call\",\"call_id\":\"c1\","
                + "\"name\":\"look\",\"arguments\":\"{\\\"at\\\":1}\"},"
                + "{\"type\":\"function_call_output\",\"call_id\":\"c1\",\"output\":"
                + "\"{\\\"is\\\":\\\"a cat\\\"}\"}]}");
  }

  @Test
  void messagesAreAskedAsTheyAreDocumented() {
    assertThat(json(new Messages(false), prompt(TURNS)))
        .contains("\"max_tokens\":100", "\"system\":\"be \\\"brief\\\"\"")
        .endsWith(
            "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"let me see\"},"
                + "{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"look\",\"input\":{\"at\":1}}]},"
                + "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\","
                + "\"content\":\"{\\\"is\\\":\\\"a cat\\\"}\"}]}]}");
  }

  @Test
  void aPrefixIsTheLastTurnOfTheAssistant() {
    Prompt begun = Prompt.of("m", PromptTurn.user("count")).continuing("one, ");
    ChatOptions vllm =
        ChatOptions.COMPATIBLE.withContinuation(ChatOptions.Continuation.FINAL_MESSAGE);
    assertThat(json(new ChatCompletions(vllm), begun))
        .contains("\"continue_final_message\":true")
        .endsWith("{\"role\":\"assistant\",\"content\":\"one, \"}]}");
    ChatOptions mistral = ChatOptions.COMPATIBLE.withContinuation(ChatOptions.Continuation.PREFIX);
    assertThat(json(new ChatCompletions(mistral), begun)).contains("\"prefix\":true");
    assertThat(json(new Messages(true), begun)).contains("\"text\":\"one,\"");
  }

  @Test
  void keysMustBePrintableAndHideThemselves() {
    assertThat(ApiKey.of(" sk-1234\n").reveal()).isEqualTo("sk-1234");
    assertThat(ApiKey.of("sk-1234").toString()).doesNotContain("1234");
    assertThatThrownBy(() -> ApiKey.of("sk\r\nx: y"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("character 3")
        .hasMessageNotContaining("sk");
  }
}
