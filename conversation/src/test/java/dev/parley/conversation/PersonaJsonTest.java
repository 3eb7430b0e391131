package dev.parley.conversation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.conversation.provider.Parameters;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PersonaJsonTest {
  private static final String FULL =
      "{\"id\":\"guide\",\"version\":3,\"name\":\"Guide 🎉\",\"prompt\":\"Be kind.\",\"model\":\"m\","
          + "\"provider\":\"scripted\",\"parameters\":{\"temperature\":0.5,\"topP\":0.9,"
          + "\"maxTokens\":100,\"stop\":[\"END\"],\"seed\":-7,\"reasoningEffort\":\"low\","
          + "\"logit_bias\":{\"7\":1},\"min_p\":0.1},\"tools\":[{\"name\":\"clock\","
          + "\"description\":\"Tells the time.\",\"parameters\":{\"type\":\"object\"},"
          + "\"approval\":true}],\"voice\":\"alto\",\"cacheSeconds\":60}";

  private final PersonaJson json = new PersonaJson();

  private Persona read(String text) {
    return json.read(text.getBytes(UTF_8));
  }

  /** A persona with one field more or another. */
  private static String with(String field) {
    String name = field.substring(0, field.indexOf(':'));
    StringBuilder text = new StringBuilder("{").append(field);
    for (String other :
        List.of("\"id\":\"guide\"", "\"name\":\"G\"", "\"model\":\"m\"", "\"provider\":\"p\"")) {
      if (!other.startsWith(name + ":")) {
        text.append(',').append(other);
      }
    }
    return text.append('}').toString();
  }

  @Test
  void whatIsWrittenIsReadAndNamesOfFieldsStayTheSame() {
    Persona persona = read(FULL);

    assertThat(new String(json.write(persona), UTF_8)).isEqualTo(FULL);
    assertThat(json.read(json.write(persona))).isEqualTo(persona);
    TreeMap<String, String> extra = new TreeMap<>();
    extra.put("logit_bias", "{\"7\":1}");
    extra.put("min_p", "0.1");
    assertThat(persona)
        .isEqualTo(
            new Persona(
                new PersonaRef("guide", 3),
                "Guide 🎉",
                "Be kind.",
                "m",
                "scripted",
                new Parameters(0.5, 0.9, 100, List.of("END"), -7L, "low", extra),
                List.of(
                    new Persona.Tool("clock", "Tells the time.", "{\"type\":\"object\"}", true)),
                "alto",
                60));
  }

  @Test
  void onlyANameAndWhomToAskAreNeeded() {
    assertThat(read("{\"id\":\"guide\",\"name\":\"G\",\"model\":\"m\",\"provider\":\"p\"}"))
        .isEqualTo(
            new Persona(
                new PersonaRef("guide", 1),
                "G",
                "",
                "m",
                "p",
                Parameters.NONE,
                List.of(),
                null,
                0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          "id":"a b"                              | persona.id: "a b" (expected:
          "version":0                             | persona.version: 0 (expected: >= 1)
          "version":5000000000                    | persona.version: "5000000000" (expected: a whole
          "name":7                                | persona.name: "7" (expected: a string)
          "name":""                               | persona.name: "" (expected:
          "model":" "                             | persona.model: blank (expected:
          "promt":"x"                             | persona: "promt" (expected: of id, version, name, prompt,
          "cacheSeconds":-1                       | persona.cacheSeconds: -1 (expected: >= 0)
          "parameters":[]                         | persona.parameters: "[]" (expected: an object)
          "parameters":{"temperature":"hot"}      | parameters.temperature: ""hot"" (expected: a number)
          "parameters":{"temperature":-1}         | parameters.temperature: -1.0 (expected: >= 0)
          "parameters":{"temperature":1e999}      | parameters.temperature: Infinity (expected: >= 0)
          "parameters":{"topP":2}                 | parameters.topP: 2.0 (expected: 0 < p <= 1)
          "parameters":{"maxTokens":0}            | parameters.maxTokens: 0 (expected: >= 1)
          "parameters":{"maxTokens":1.5}          | parameters.maxTokens: "1.5" (expected: a whole number)
          "parameters":{"stop":"END"}             | parameters.stop: ""END"" (expected: an array)
          "parameters":{"stop":["END",1]}         | parameters.stop[1]: "1" (expected: a string)
          "parameters":{"stop":[""]}              | parameters.stop: empty text (expected:
          "parameters":{"max_tokens":9}           | parameters.max_tokens: not taken here (expected: maxTokens)
          "parameters":{"messages":[]}            | parameters.messages: not taken here (expected: nothing
          "tools":{}                              | persona.tools: "{}" (expected: an array)
          "tools":[{"name":"a"},{"name":"b c"}]   | tools[1].name: "b c" (expected:
          "tools":[{"name":"a"},{"name":"a"}]     | persona.tools: a name twice (expected: each once)
          "tools":[{"name":"a","parameters":[]}]  | tools[0].parameters: "[]" (expected: an object)
          "tools":[{"name":"a","approval":"yes"}] | tools[0].approval: ""yes"" (expected: true or false)
          "tools":[{"name":"a","aproval":true}]   | tools[0]: "aproval" (expected: of name,
          """)
  void badInputIsRefusedWithWhereItIs(String field, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(with(field)))
        .withMessageStartingWith(message);
  }

  @Test
  void whatIsTooLargeOrTooDeepIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> json.read(new byte[PersonaJson.MAX_BYTES + 1]))
        .withMessage("persona: 1048577 bytes (expected: <= 1048576)");
    String deep = "\"parameters\":{\"x\":" + "[".repeat(100) + "]".repeat(100) + "}";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read(with(deep)))
        .withMessageContaining("too deep");
  }

  @Test
  void anExtraParameterThatIsNoJsonIsNotWritten() {
    Persona persona = read(with("\"voice\":\"alto\""));
    Persona broken =
        new Persona(
            persona.ref(),
            "G",
            "",
            "m",
            "p",
            Parameters.NONE.withExtra("min_p", "{"),
            List.of(),
            null,
            0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> json.write(broken))
        .withMessage("parameters.min_p: \"{\" (expected: JSON)");
  }

  @Property(tries = 2_000)
  void noBytesDoWorseThanBeingRefused(@ForAll byte[] bytes) {
    try {
      json.read(bytes);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("expected: ");
    }
  }
}
