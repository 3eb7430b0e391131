package dev.parley.conversation.provider;

import dev.parley.conversation.Author;
import dev.parley.conversation.Persona;
import dev.parley.conversation.Turn;
import dev.parley.conversation.TurnPart;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a persona is asked with. Stateless.
 *
 * <p>Each turn becomes what it becomes by itself and the turns before it, so that a longer
 * conversation begins with the prompt of the shorter one. That also goes for names: as long as one
 * person speaks, nobody is named; from the first turn of a second person on, every person's turn
 * begins with {@code "name: "}. Turns before it stay as they were.
 */
public final class Prompts {
  private Prompts() {}

  /**
   * The prompt of one request.
   *
   * @param turns as {@link dev.parley.conversation.Conversation#prompt} gives them
   * @param user an opaque name of who asks; empty for nobody
   * @param prefix what the reply already says; empty at the start
   */
  public static Prompt of(Persona persona, List<Turn> turns, String user, String prefix) {
    List<PromptTurn> said = new ArrayList<>(turns.size() + 1);
    if (!persona.prompt().isEmpty()) {
      said.add(PromptTurn.system(persona.prompt()));
    }
    String first = null;
    boolean several = false;
    for (Turn turn : turns) {
      PromptRole role = role(turn.author());
      List<TurnPart> parts = turn.parts().stream().filter(part -> isSaid(part, role)).toList();
      if (parts.isEmpty()) {
        continue;
      }
      if (turn.author() instanceof Author.Person(String name)) {
        several |= isAnother(name, first);
        first = first == null ? name : first;
        parts = several ? named(name, parts) : parts;
      }
      said.add(new PromptTurn(role, parts));
    }
    List<Tool> tools = persona.tools().stream().map(Prompts::tool).toList();
    return new Prompt(persona.model(), said, persona.parameters(), tools, user, prefix);
  }

  private static boolean isAnother(String name, @Nullable String first) {
    return first != null && !first.equals(name);
  }

  private static PromptRole role(Author author) {
    return switch (author) {
      case Author.Person _ -> PromptRole.USER;
      case Author.OfPersona _ -> PromptRole.ASSISTANT;
      case Author.Tool _ -> PromptRole.TOOL;
    };
  }

  /** Thoughts are not repeated; only personas call tools, and only tools answer them. */
  private static boolean isSaid(TurnPart part, PromptRole by) {
    return switch (part) {
      case TurnPart.Text _, TurnPart.File _, TurnPart.Unknown _ -> by != PromptRole.TOOL;
      case TurnPart.Reasoning _ -> false;
      case TurnPart.ToolCall _ -> by == PromptRole.ASSISTANT;
      case TurnPart.ToolResult _ -> by == PromptRole.TOOL;
    };
  }

  private static List<TurnPart> named(String name, List<TurnPart> parts) {
    List<TurnPart> named = new ArrayList<>(parts.size() + 1);
    boolean speaks = parts.getFirst() instanceof TurnPart.Text;
    String text = parts.getFirst() instanceof TurnPart.Text(String says, String _) ? says : "";
    named.add(new TurnPart.Text(name + ": " + text));
    named.addAll(parts.subList(speaks ? 1 : 0, parts.size()));
    return named;
  }

  private static Tool tool(Persona.Tool tool) {
    return new Tool(tool.name(), tool.description(), tool.parametersSchemaJson());
  }
}
