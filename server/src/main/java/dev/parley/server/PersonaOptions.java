package dev.parley.server;

import dev.parley.conversation.Persona;
import dev.parley.conversation.PersonaJson;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Options of one persona. A changed one becomes its next version when the server starts.
 *
 * @param id letters, digits, - and _
 * @param name as people read it; the id when there is none
 * @param prompt what it is told before every conversation
 * @param model name of the model
 * @param provider name of a configured provider
 * @param parameters JSON object of sampling parameters, as {@code {"temperature":0.2}}
 * @param tools JSON array of tools: name, description, parameters (JSON Schema), approval
 * @param voice name of a voice
 * @param cacheSeconds for how long replies to identical requests are shared; 0 for never
 */
record PersonaOptions(
    @Nullable String id,
    @Nullable String name,
    @Nullable String prompt,
    @Nullable String model,
    @Nullable String provider,
    @Nullable String parameters,
    @Nullable String tools,
    @Nullable String voice,
    int cacheSeconds) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static PersonaOptions defaults() {
    return new PersonaOptions(null, null, null, null, null, null, null, null, 0);
  }

  PersonaOptions {
    if (id != null) {
      var _ = persona(id, name, prompt, model, provider, parameters, tools, voice, cacheSeconds);
    }
  }

  Persona persona() {
    if (id == null) {
      throw new IllegalArgumentException("personas.id: none (expected: a name)");
    }
    return persona(id, name, prompt, model, provider, parameters, tools, voice, cacheSeconds);
  }

  private static Persona persona(
      String id,
      @Nullable String name,
      @Nullable String prompt,
      @Nullable String model,
      @Nullable String provider,
      @Nullable String parameters,
      @Nullable String tools,
      @Nullable String voice,
      int cacheSeconds) {
    ObjectNode persona = JSON.createObjectNode();
    persona.put("id", id).put("name", name == null ? id : name);
    persona.put("prompt", prompt == null ? "" : prompt);
    persona.put("model", model).put("provider", provider);
    json(persona, "parameters", parameters);
    json(persona, "tools", tools);
    if (voice != null) {
      persona.put("voice", voice);
    }
    persona.put("cacheSeconds", cacheSeconds);
    return new PersonaJson().read(persona.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void json(ObjectNode persona, String key, @Nullable String text) {
    if (text == null) {
      return;
    }
    try {
      persona.set(key, JSON.readTree(text));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(key + ": " + text + " (expected: JSON)", e);
    }
  }
}
