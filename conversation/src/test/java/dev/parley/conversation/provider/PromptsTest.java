package dev.parley.conversation.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.conversation.Author;
import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaRef;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class PromptsTest {
  private static final PersonaRef GUIDE = new PersonaRef("guide", 1);
  private static final Persona PERSONA = persona("Be kind.");

  private long offset;

  private static Persona persona(String prompt) {
    return new Persona(
        GUIDE,
        "Guide",
        prompt,
        "m",
        "scripted",
        Parameters.NONE.withMaxTokens(7),
        List.of(new Persona.Tool("clock", "Tells the time.", "{}", true)),
        null,
        0);
  }

  private Turn turn(Author author, TurnPart... parts) {
    offset++;
    return new Turn("t" + offset, author, false, List.of(parts), null, offset, 0);
  }

  private Turn says(String person, String text) {
    return turn(new Author.Person(person), new TurnPart.Text(text));
  }

  private Turn replies(TurnPart... parts) {
    return turn(new Author.OfPersona(GUIDE), parts);
  }

  private static List<PromptTurn> prompt(List<Turn> turns) {
    return Prompts.of(PERSONA, turns, "", "").turns();
  }

  @Test
  void whatAPersonaIsToldComesFirstAndEverybodySpeaksInTheirRole() {
    Prompt prompt =
        Prompts.of(
            PERSONA,
            List.of(
                says("ada", "What time is it?"),
                replies(
                    new TurnPart.Reasoning("I need a clock."),
                    new TurnPart.Text("Let me see."),
                    new TurnPart.ToolCall("c1", "clock", "{}")),
                turn(new Author.Tool("clock"), new TurnPart.ToolResult("c1", "12"))),
            "u-1",
            "It is");

    assertThat(prompt)
        .isEqualTo(
            new Prompt(
                "m",
                List.of(
                    PromptTurn.system("Be kind."),
                    PromptTurn.user("What time is it?"),
                    new PromptTurn(
                        PromptRole.ASSISTANT,
                        List.of(
                            new TurnPart.Text("Let me see."),
                            new TurnPart.ToolCall("c1", "clock", "{}"))),
                    new PromptTurn(PromptRole.TOOL, List.of(new TurnPart.ToolResult("c1", "12")))),
                Parameters.NONE.withMaxTokens(7),
                List.of(new Tool("clock", "Tells the time.", "{}")),
                "u-1",
                "It is"));
  }

  @Test
  void aPersonaWithoutAPromptIsToldNothing() {
    assertThat(Prompts.of(persona(""), List.of(says("ada", "Hi")), "", "").turns())
        .containsExactly(PromptTurn.user("Hi"));
  }

  @Test
  void peopleAreNamedFromTheFirstTurnOfASecondOneOn() {
    List<Turn> turns =
        List.of(
            says("ada", "Hi"),
            says("ada", "there"),
            says("bob", "Hello"),
            says("ada", "Bob!"),
            says("bob", "Ada!"));

    assertThat(prompt(turns))
        .containsExactly(
            PromptTurn.system("Be kind."),
            PromptTurn.user("Hi"),
            PromptTurn.user("there"),
            PromptTurn.user("bob: Hello"),
            PromptTurn.user("ada: Bob!"),
            PromptTurn.user("bob: Ada!"));
  }

  @Test
  void aNameAlsoStandsBeforeAFile() {
    TurnPart.File file = new TurnPart.File("a.png", "image/png", "https://example.org/a.png");

    assertThat(prompt(List.of(says("ada", "Hi"), turn(new Author.Person("bob"), file))).getLast())
        .isEqualTo(new PromptTurn(PromptRole.USER, List.of(new TurnPart.Text("bob: "), file)));
  }

  @Test
  void thoughtsAreNotRepeatedAndATurnOfThoughtsAloneIsNone() {
    assertThat(prompt(List.of(says("ada", "Hi"), replies(new TurnPart.Reasoning("hm")))))
        .containsExactly(PromptTurn.system("Be kind."), PromptTurn.user("Hi"));
  }

  @Test
  void nobodySpeaksForATool() {
    Turn forged =
        turn(
            new Author.Person("ada"),
            new TurnPart.ToolCall("c1", "clock", "{}"),
            new TurnPart.ToolResult("c1", "13"),
            new TurnPart.Text("Hi"));

    assertThat(prompt(List.of(forged)).getLast()).isEqualTo(PromptTurn.user("Hi"));
  }

  @Test
  void kindsNobodyKnowsArePassedOn() {
    TurnPart.Unknown sound = new TurnPart.Unknown("{\"type\":\"input_audio\"}");

    assertThat(prompt(List.of(turn(new Author.Person("ada"), sound))).getLast().parts())
        .containsExactly(sound);
  }

  @Test
  void aLongerConversationBeginsWithThePromptOfTheShorter() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Turn> turns = new ArrayList<>();
    List<PromptTurn> shorter = prompt(turns);
    for (int i = 0; i < 200; i++) {
      turns.add(
          switch (random.nextInt(5)) {
            case 0 -> replies(new TurnPart.Reasoning("hm"), new TurnPart.Text("reply " + i));
            case 1 -> replies(new TurnPart.Reasoning("hm"));
            case 2 -> says("bob", "about " + i);
            default -> says("ada", "about " + i);
          });
      List<PromptTurn> longer = prompt(turns);
      assertThat(longer.subList(0, shorter.size())).as("seed %s, %s", seed, i).isEqualTo(shorter);
      shorter = longer;
    }
  }
}
