package dev.parley.conversation;

import dev.parley.conversation.provider.Parameters;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Parameters of models as JSON and back. Safe on any thread. What this version does not know is
 * kept in {@link Parameters#extra()}, for upstreams that do.
 */
final class ParametersJson {
  private static final Set<String> KNOWN =
      Set.of("temperature", "topP", "maxTokens", "stop", "seed", "reasoningEffort");

  private final BoundedJson json;

  ParametersJson(BoundedJson json) {
    this.json = json;
  }

  ObjectNode write(Parameters parameters) {
    ObjectNode node = json.mapper().createObjectNode();
    if (parameters.temperature() != null) {
      node.put("temperature", parameters.temperature());
    }
    if (parameters.topP() != null) {
      node.put("topP", parameters.topP());
    }
    if (parameters.maxTokens() != null) {
      node.put("maxTokens", parameters.maxTokens());
    }
    if (!parameters.stop().isEmpty()) {
      parameters.stop().forEach(node.putArray("stop")::add);
    }
    if (parameters.seed() != null) {
      node.put("seed", parameters.seed());
    }
    if (parameters.reasoningEffort() != null) {
      node.put("reasoningEffort", parameters.reasoningEffort());
    }
    parameters
        .extra()
        .forEach((name, value) -> node.set(name, json.tree("parameters." + name, value)));
    return node;
  }

  Parameters read(Fields of) {
    SortedMap<String, String> extra = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : of.node().properties()) {
      if (!KNOWN.contains(field.getKey())) {
        extra.put(field.getKey(), json.mapper().writeValueAsString(field.getValue()));
      }
    }
    return new Parameters(
        of.has("temperature") ? of.decimal("temperature") : null,
        of.has("topP") ? of.decimal("topP") : null,
        of.has("maxTokens") ? of.smallNumber("maxTokens") : null,
        of.optionalTexts("stop"),
        of.has("seed") ? of.number("seed") : null,
        of.optionalText("reasoningEffort"),
        extra);
  }
}
