package dev.parley.conversation;

import dev.parley.conversation.Persona.Tool;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tools as JSON and back. Safe on any thread. */
final class ToolsJson {
  private static final String NO_ARGUMENTS = "{\"type\":\"object\"}";
  private static final List<String> FIELDS =
      List.of("name", "description", "parameters", "approval");

  private final BoundedJson json;

  ToolsJson(BoundedJson json) {
    this.json = json;
  }

  void write(List<Tool> tools, ArrayNode to) {
    tools.forEach(tool -> to.add(write(tool)));
  }

  private ObjectNode write(Tool tool) {
    ObjectNode node = json.mapper().createObjectNode();
    node.put("name", tool.name()).put("description", tool.description());
    node.set("parameters", json.tree(tool.name() + ".parameters", tool.parametersSchemaJson()));
    return node.put("approval", tool.needsApproval());
  }

  List<Tool> read(Fields of) {
    List<Tool> tools = new ArrayList<>();
    for (JsonNode node : of.has("tools") ? of.array("tools") : List.<JsonNode>of()) {
      String where = "tools[" + tools.size() + "]";
      Fields tool = Fields.of(where, node);
      tool.only(FIELDS);
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
