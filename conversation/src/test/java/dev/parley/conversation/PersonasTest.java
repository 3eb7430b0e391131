package dev.parley.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.conversation.provider.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PersonasTest {
  private final Personas personas = new Personas();

  private static Persona draft(String prompt) {
    return new Persona(
        new PersonaRef("guide", 1),
        "Guide",
        prompt,
        "m",
        "scripted",
        Parameters.NONE,
        List.of(),
        null,
        0);
  }

  @Test
  void aChangeIsAnotherVersionAndTheOldOneStays() {
    personas.apply(personas.next(draft("Be kind.")));
    personas.apply(personas.next(draft("Be brief.")));

    assertThat(personas.newest("guide"))
        .isNotNull()
        .satisfies(newest -> assertThat(newest.ref().version()).isEqualTo(2));
    assertThat(personas.at(new PersonaRef("guide", 1)))
        .isNotNull()
        .satisfies(first -> assertThat(first.prompt()).isEqualTo("Be kind."));
  }

  @Test
  void savingWithoutAChangeIsNoVersion() {
    personas.apply(personas.next(draft("Be kind.")));

    assertThat(personas.next(draft("Be kind.")).ref().version()).isEqualTo(1);
  }

  @Test
  void aToolStandsOnceInAPersona() {
    Persona.Tool tool = new Persona.Tool("clock", "Tells the time.", "{}", false);

    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new Persona(
                new PersonaRef("guide", 1),
                "G",
                "",
                "m",
                "p",
                Parameters.NONE,
                List.of(tool, tool),
                null,
                0))
        .withMessage("persona.tools: a name twice (expected: each once)");
  }
}
