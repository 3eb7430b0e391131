package dev.parley.conversation;

/** Who wrote a turn. */
public sealed interface Author {
  record Person(String id) implements Author {
    public Person {
      Ids.foreign("person", id);
    }
  }

  record OfPersona(PersonaRef persona) implements Author {}

  /** A tool; {@code name} is that of the call it answers. */
  record Tool(String name) implements Author {
    public Tool {
      Ids.foreign("tool name", name);
    }
  }

  /** Whether {@code person} wrote it. */
  default boolean is(String person) {
    return this instanceof Person author && author.id().equals(person);
  }
}
