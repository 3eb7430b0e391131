package dev.parley.conversation.provider;

import java.util.Objects;

/**
 * A function the model may ask for.
 *
 * @param parametersSchemaJson a JSON Schema of its arguments, passed on as it is
 */
public record Tool(String name, String description, String parametersSchemaJson) {
  public Tool {
    if (name.isBlank()) {
      throw new IllegalArgumentException("tool.name: \"" + name + "\" (expected: a name)");
    }
    Objects.requireNonNull(description);
    Objects.requireNonNull(parametersSchemaJson);
  }
}
