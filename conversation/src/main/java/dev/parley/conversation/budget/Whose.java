package dev.parley.conversation.budget;

import org.jspecify.annotations.Nullable;

/**
 * Whose replies are counted together: those that a user asked a persona for.
 *
 * @param user {@code null} for all users
 * @param persona {@code null} for all personas
 */
public record Whose(@Nullable String user, @Nullable String persona) {
  boolean includes(Whose other) {
    return (user == null || user.equals(other.user))
        && (persona == null || persona.equals(other.persona));
  }

  @Override
  public String toString() {
    return user != null ? user : "persona " + persona;
  }
}
