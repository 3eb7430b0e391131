package dev.parley.conversation;

/** A persona in one of its versions, which never changes. */
public record PersonaRef(String id, int version) {
  public PersonaRef {
    Ids.chosen("persona.id", id);
    if (version < 1) {
      throw new IllegalArgumentException("persona.version: " + version + " (expected: >= 1)");
    }
  }
}
