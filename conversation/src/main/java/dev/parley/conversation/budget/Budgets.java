package dev.parley.conversation.budget;

import java.util.List;
import java.util.Map;

/**
 * Who may spend how much; of several budgets each holds. Immutable.
 *
 * @param eachUser of those whom {@code users} does not name
 * @param eachPersona of those whom {@code personas} does not name
 */
public record Budgets(
    List<Budget> eachUser,
    Map<String, List<Budget>> users,
    List<Budget> eachPersona,
    Map<String, List<Budget>> personas) {
  public static final Budgets NONE = new Budgets(List.of(), Map.of(), List.of(), Map.of());

  public Budgets {
    eachUser = List.copyOf(eachUser);
    users = Map.copyOf(users);
    eachPersona = List.copyOf(eachPersona);
    personas = Map.copyOf(personas);
  }

  /** Those of a user, or of a persona. */
  List<Budget> of(Whose whose) {
    return whose.user() != null
        ? users.getOrDefault(whose.user(), eachUser)
        : personas.getOrDefault(whose.persona(), eachPersona);
  }
}
