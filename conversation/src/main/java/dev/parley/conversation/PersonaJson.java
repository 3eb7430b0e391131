package dev.parley.conversation;

import dev.parley.conversation.Persona.Tool;
import dev.parley.conversation.provider.Parameters;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
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

  private static final String NO_ARGUMENTS = "{\"type\":\"object\"}";
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
  private static final List<String> TOOL_FIELDS =
      List.of("name", "description", "parameters", "approval");

  private final BoundedJson json = new BoundedJson("persona", MAX_BYTES);
  private final ParametersJson parameters = new ParametersJson(json);

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
    ArrayNode tools = node.putArray("tools");
    persona.tools().forEach(tool -> tools.add(write(tool)));
    if (persona.voice() != null) {
      node.put("voice", persona.voice());
    }
    if (persona.cacheSeconds() > 0) {
      node.put("cacheSeconds", persona.cacheSeconds());
    }
    return json.write(node);
  }

  private ObjectNode write(Tool tool) {
    ObjectNode node = json.mapper().createObjectNode();
    node.put("name", tool.name()).put("description", tool.description());
    node.set("parameters", json.tree(tool.name() + ".parameters", tool.parametersSchemaJson()));
    return node.put("approval", tool.needsApproval());
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
        tools(of),
        of.optionalText("voice"),
        of.has("cacheSeconds") ? of.smallNumber("cacheSeconds") : 0);
  }

  private List<Tool> tools(Fields of) {
    List<Tool> tools = new ArrayList<>();
    for (JsonNode node : of.has("tools") ? of.array("tools") : List.<JsonNode>of()) {
      String where = "tools[" + tools.size() + "]";
      Fields tool = Fields.of(where, node);
      tool.only(TOOL_FIELDS);
      tools.add(
          new Tool(
              Ids.chosen(where + ".name", tool.text("name")),
              tool.has("description") ? tool.text("description") : "",
              tool.has("parameters") ? schema(tool) : NO_ARGUMENTS,
              tool.flag("approval")));
    }
    return tools;
  }

  private String schema(Fields tool) {
    return json.mapper().writeValueAsString(tool.object("parameters").node());
  }
}
