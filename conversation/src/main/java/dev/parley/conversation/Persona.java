package dev.parley.conversation;

import dev.parley.conversation.provider.Parameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who a model pretends to be, in one version. Immutable; a change is another version.
 *
 * @param provider name of a configured provider
 * @param voice name of a voice, or {@code null} for none
 * @param cacheSeconds for how long replies to identical requests may be shared; 0 for never
 */
public record Persona(
    PersonaRef ref,
    String name,
    String prompt,
    String model,
    String provider,
    Parameters parameters,
    List<Tool> tools,
    @Nullable String voice,
    int cacheSeconds) {
  /**
   * A tool it may call.
   *
   * @param name of the letters that all providers take
   * @param parametersSchemaJson JSON Schema of the arguments
   * @param needsApproval whether a person has to approve each call
   */
  public record Tool(
      String name, String description, String parametersSchemaJson, boolean needsApproval) {
    public Tool {
      Ids.chosen("tool name", name);
    }
  }

  public Persona {
    Ids.foreign("persona.name", name);
    Ids.foreign("persona.model", model);
    Ids.foreign("persona.provider", provider);
    if (model.isBlank()) {
      throw new IllegalArgumentException("persona.model: blank (expected: a name)");
    }
    if (voice != null) {
      Ids.foreign("persona.voice", voice);
    }
    if (cacheSeconds < 0) {
      throw new IllegalArgumentException(
          "persona.cacheSeconds: " + cacheSeconds + " (expected: >= 0)");
    }
    tools = List.copyOf(tools);
    if (tools.stream().map(Tool::name).distinct().count() != tools.size()) {
      throw new IllegalArgumentException("persona.tools: a name twice (expected: each once)");
    }
  }

  /** The same under another version. */
  Persona as(int version) {
    return new Persona(
        new PersonaRef(ref.id(), version),
        name,
        prompt,
        model,
        provider,
        parameters,
        tools,
        voice,
        cacheSeconds);
  }
}
