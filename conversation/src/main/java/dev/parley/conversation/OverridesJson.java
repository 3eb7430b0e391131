package dev.parley.conversation;

import dev.parley.conversation.provider.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** What is asked of one reply alone as JSON and back. Safe on any thread. */
final class OverridesJson {
  private final BoundedJson json;
  private final ParametersJson parameters;
  private final ToolsJson tools;

  OverridesJson(BoundedJson json) {
    this.json = json;
    this.parameters = new ParametersJson(json);
    this.tools = new ToolsJson(json);
  }

  ObjectNode write(Overrides overrides) {
    ObjectNode node = json.mapper().createObjectNode();
    if (!overrides.prompt().isEmpty()) {
      node.put("prompt", overrides.prompt());
    }
    if (!overrides.parameters().equals(Parameters.NONE)) {
      node.set("parameters", parameters.write(overrides.parameters()));
    }
    if (overrides.tools() != null) {
      tools.write(overrides.tools(), node.putArray("tools"));
    }
    if (!overrides.note().isEmpty()) {
      node.set("note", json.tree("note", overrides.note()));
    }
    return node;
  }

  Overrides read(Fields of) {
    return new Overrides(
        of.has("prompt") ? of.text("prompt") : "",
        of.has("parameters")
            ? parameters.read(Fields.of("parameters", of.object("parameters").node()))
            : Parameters.NONE,
        of.has("tools") ? tools.read(of) : null,
        of.has("note") ? json.mapper().writeValueAsString(of.object("note").node()) : "");
  }
}
