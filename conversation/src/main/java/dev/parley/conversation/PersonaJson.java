package dev.parley.conversation;

import dev.parley.conversation.provider.Parameters;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Personas as JSON in UTF-8 and back; the names of fields stay the same. Safe on any thread.
 *
 * <p>Fields this version does not know are refused, since a persona without them would be another;
 * only those of {@code parameters} are the provider's to judge.
 */
public final class PersonaJson {
  /** Most bytes of a persona. */
  public static final int MAX_BYTES = 1 << 20;

  private static final List<String> FIELDS =
      List.of(
          "id",
          "version",
          "name",
          "prompt",
          "model",
          "provider",
          "parameters",
          "tools",
          "voice",
          "cacheSeconds");

  private final BoundedJson json = new BoundedJson("persona", MAX_BYTES);
  private final ParametersJson parameters = new ParametersJson(json);
  private final ToolsJson tools = new ToolsJson(json);

  /**
   * Writes a persona.
   *
   * @throws IllegalArgumentException when it is too large, or has a schema or an extra parameter
   *     that is no JSON
   */
  public byte[] write(Persona persona) {
    ObjectNode node = json.mapper().createObjectNode();
    node.put("id", persona.ref().id())
        .put("version", persona.ref().version())
        .put("name", persona.name())
        .put("prompt", persona.prompt())
        .put("model", persona.model())
        .put("provider", persona.provider());
    node.set("parameters", parameters.write(persona.parameters()));
    tools.write(persona.tools(), node.putArray("tools"));
    if (persona.voice() != null) {
      node.put("voice", persona.voice());
    }
    if (persona.cacheSeconds() > 0) {
      node.put("cacheSeconds", persona.cacheSeconds());
    }
    return json.write(node);
  }

  /**
   * Reads a persona; without a version it is the first, and only id, name, model and provider have
   * to be there.
   *
   * @throws IllegalArgumentException with a sentence that says where it is none
   */
  public Persona read(byte[] utf8) {
    Fields of = json.read(utf8);
    of.only(FIELDS);
    return new Persona(
        new PersonaRef(of.text("id"), of.has("version") ? of.smallNumber("version") : 1),
        of.text("name"),
        of.has("prompt") ? of.text("prompt") : "",
        of.text("model"),
        of.text("provider"),
        of.has("parameters")
            ? parameters.read(Fields.of("parameters", of.object("parameters").node()))
            : Parameters.NONE,
        tools.read(of),
        of.optionalText("voice"),
        of.has("cacheSeconds") ? of.smallNumber("cacheSeconds") : 0);
  }
}
